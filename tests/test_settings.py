"""Settings: read from the environment, secrets made once, a wrong one said in one sentence."""

import json
from pathlib import Path

import pytest

from bot.errors import SetupError
from bot.settings import Settings, load_settings


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"REFUNDDESK_{name.upper()}", raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REFUNDDESK_DATA_DIR", str(tmp_path / "var"))


def test_missing_secrets_are_made_once_and_only_their_owner_can_read_them(tmp_path: Path) -> None:
    first, second = load_settings(), load_settings()

    assert first.api_key == second.api_key
    assert len(first.identity_secret) >= 32
    file = tmp_path / "var" / "secrets.json"
    assert file.stat().st_mode & 0o777 == 0o600
    assert json.loads(file.read_text())["console_password"] == first.console_password


def test_a_given_secret_is_used_and_not_written_down(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("REFUNDDESK_API_KEY", "given")

    assert load_settings().api_key == "given"
    assert "api_key" not in json.loads((tmp_path / "var" / "secrets.json").read_text())


def test_dotenv_is_read(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("REFUNDDESK_PORT=8123\n")

    assert load_settings().port == 8123


@pytest.mark.parametrize(("name", "value"), [("PORT", "eight"), ("PORT", "70000"), ("BURST_WINDOW", "-1")])
def test_a_wrong_setting_is_named_in_one_sentence(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"REFUNDDESK_{name}", value)

    with pytest.raises(SetupError, match=f"REFUNDDESK_{name}: "):
        load_settings()


def test_a_data_folder_that_cannot_be_used_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("REFUNDDESK_DATA_DIR", str(tmp_path / "file"))

    with pytest.raises(SetupError, match="data folder"):
        load_settings()
