"""The command line on a data folder of its own."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot import cli
from bot.settings import Settings


@pytest.fixture
def refunddesk(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run a command; errors of ours come out as its exception."""
    monkeypatch.setattr(cli, "get_settings", lambda: settings)

    def run(*arguments: str | Path, input: str = "") -> Result:
        return CliRunner().invoke(cli.app, [str(argument) for argument in arguments], input=input)

    return run
