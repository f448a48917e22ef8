"""A fake Rasa that is really listening, and settings that point at it."""

from collections.abc import Iterator

import pytest

from bot.settings import Settings
from tests.conversations.fake_rasa import FakeRasa, Served


@pytest.fixture
def rasa() -> Iterator[FakeRasa]:
    fake = FakeRasa()
    with Served(fake):
        yield fake


@pytest.fixture
def desk_settings(settings: Settings, rasa: FakeRasa) -> Settings:
    return settings.model_copy(update={"rasa_port": rasa.port, "rasa_timeout": 2.0, "demo": False})
