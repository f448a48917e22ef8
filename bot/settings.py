"""Every setting, in one place. Environment variables start with REFUNDDESK_; `.env` is read too.

Secrets that are not given are made once and kept in the data folder (mode 600), never in git.
"""

import json
import os
import secrets
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.errors import SetupError

ROOT = Path(__file__).resolve().parent.parent
"""The project's folder: config.yml, data/, models/."""


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="REFUNDDESK_", env_file=".env", extra="ignore")

    host: str = Field("127.0.0.1", description="Address the desk listens on.")
    port: int = Field(8000, ge=1, le=65535, description="Port of the desk, the only public one.")
    rasa_port: int = Field(5005, ge=1, le=65535, description="Port of Rasa, loopback only.")
    actions_port: int = Field(5055, ge=1, le=65535, description="Port of the action server, loopback only.")
    data_dir: Path = Field(ROOT / "var", description="Databases, evidence and generated secrets.")
    database_url: str = Field("", description="Desk database; empty: SQLite in the data folder.")
    rasa_database_url: str = Field("", description="Rasa's tracker store; empty: SQLite in the data folder.")
    policies_dir: Path = Field(ROOT / "data" / "policies", description="Rule packs, one file per market, and shop.yml.")
    models_dir: Path = Field(ROOT / "models", description="Trained models.")
    api_key: str = Field("", description="Key for /api/v1 and the REST channel; empty: made once.")
    identity_secret: str = Field("", description="HS256 secret the shop signs buyers with; empty: made once.")
    session_secret: str = Field("", description="Signs console sessions; empty: made once.")
    rasa_token: str = Field("", description="Token of Rasa's own API; empty: made once.")
    console_user: str = Field("admin", description="First console user.")
    console_password: str = Field("", description="Its password; empty: made once and printed by run.")
    shop: str = Field("demo", description="Shop id of orders and conversations.")
    demo: bool = Field(True, description="Serve /demo and load data/demo on first start.")
    allowed_origins: Annotated[list[str], NoDecode] = Field(
        [], description="Origins that may embed the widget, separated by commas; empty: the desk's own."
    )
    default_language: str = Field("zh-Hans", description="Language before the buyer has written.")
    rasa_timeout: float = Field(10.0, gt=0, description="Seconds before a silent Rasa counts as failed.")
    rasa_start_grace: float = Field(90.0, ge=0, description="Seconds after start in which messages wait for Rasa.")
    burst_window: float = Field(0.25, ge=0, le=5, description="Seconds a chat message waits for the next one.")
    phone_tail_tries: int = Field(5, ge=1, description="Wrong second facts before a person has to check.")
    upload_max_bytes: int = Field(10_000_000, ge=1, description="Largest evidence file.")
    log_level: str = Field("info", description="debug, info, warning or error.")

    @field_validator("allowed_origins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @property
    def desk_database_url(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir / 'desk.db'}"

    @property
    def tracker_database_url(self) -> str:
        return self.rasa_database_url or f"sqlite:///{self.data_dir / 'rasa.db'}"

    @property
    def desk_url(self) -> str:
        """Where the action server and the tests reach the desk."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def rasa_url(self) -> str:
        return f"http://127.0.0.1:{self.rasa_port}"

    @property
    def actions_url(self) -> str:
        return f"http://127.0.0.1:{self.actions_port}"

    @property
    def evidence_dir(self) -> Path:
        return self.data_dir / "evidence"


_SECRETS = {
    "api_key": 24,
    "identity_secret": 32,
    "session_secret": 32,
    "rasa_token": 24,
    "console_password": 9,
}
"""Secret settings and how many random bytes a made one has."""


def load_settings() -> Settings:
    """Read the environment and `.env`; make the secrets that are missing.

    Raises SetupError with one sentence per wrong setting.
    """
    try:
        settings = Settings()
    except ValidationError as error:
        wrong = [f"REFUNDDESK_{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors()]
        raise SetupError("; ".join(wrong)) from None
    return settings.model_copy(update=_made_secrets(settings))


def _made_secrets(settings: Settings) -> dict[str, str]:
    missing = [name for name in _SECRETS if not getattr(settings, name)]
    if not missing:
        return {}
    path = settings.data_dir / "secrets.json"
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        kept: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
        fresh = {name: secrets.token_urlsafe(_SECRETS[name]) for name in missing if name not in kept}
        if fresh:
            kept |= fresh
            temporary = path.with_suffix(f".{os.getpid()}.tmp")
            with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                json.dump(kept, file, indent=1)
            temporary.replace(path)
    except (OSError, ValueError) as error:
        raise SetupError(f"the data folder {settings.data_dir} cannot be used: {error}") from None
    return {name: kept[name] for name in missing}


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The settings of this process, read once."""
    return load_settings()
