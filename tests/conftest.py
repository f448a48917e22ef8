"""Shared by all tests: settings that touch nothing outside a temporary folder, and one trained model."""

import os
from pathlib import Path

import pytest
from rich.console import Console

os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")

from bot.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a fresh installation in a temporary folder, with known keys."""
    return Settings(
        _env_file=None,
        data_dir=tmp_path / "var",
        api_key="test-key",
        identity_secret="identity-secret-of-at-least-32-bytes",
        session_secret="session-secret-of-at-least-32-bytes!",
        rasa_token="rasa-token",
        console_password="console-password",
        burst_window=0,
    )


@pytest.fixture(scope="session")
def trained_model() -> Path:
    """The full model that matches the project's files; trained once, kept in models/ and shared."""
    from bot.commands.train import ensure_model

    return ensure_model(Settings(_env_file=None), Console(stderr=True))
