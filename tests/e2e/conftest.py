"""One running installation for each module; tests that kill processes bring their own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.stack import Stack


@pytest.fixture(scope="module")
def stack(trained_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    running = Stack(tmp_path_factory.mktemp("installation")).start()
    yield running
    running.stop()


@pytest.fixture
def own_stack(trained_model: Path, tmp_path: Path) -> Iterator[Stack]:
    """A stack of one test's own, to be killed."""
    mine = Stack(tmp_path / "installation").start()
    yield mine
    if mine.process and mine.process.poll() is None:
        mine.stop()
