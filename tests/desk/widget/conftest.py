"""One live desk for the widget's tests; every test is a buyer of its own."""

import secrets
from collections.abc import Iterator

import pytest

from tests.desk.widget.live_desk import LiveDesk, desk_settings, live_desk


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveDesk]:
    folder = tmp_path_factory.mktemp("desk")
    settings = desk_settings(folder, upload_max_bytes=200_000, allowed_origins=["https://shop.example"])
    with live_desk(settings) as desk:
        yield desk


@pytest.fixture
def sender() -> str:
    """A guest's random id."""
    return secrets.token_hex(16)
