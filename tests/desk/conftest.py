"""The whole app over a real database and a fake Rasa that is really listening."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from bot.channels.identity import Identity, sign
from bot.desk.app import create_app
from bot.desk.services import Desk
from bot.policy.packs import load_packs
from bot.policy.rules import Packs
from bot.settings import ROOT, Settings
from tests.conversations.fake_rasa import FakeRasa, Served


@pytest.fixture
def rasa() -> Iterator[FakeRasa]:
    fake = FakeRasa()
    with Served(fake):
        yield fake


@pytest.fixture
def desk_settings(settings: Settings, rasa: FakeRasa) -> Settings:
    return settings.model_copy(update={"rasa_port": rasa.port, "rasa_timeout": 2.0, "demo": False})


@pytest.fixture(scope="session")
def packs() -> Packs:
    """The rule packs that ship; read once, they take a while."""
    return load_packs(ROOT / "data" / "policies")


@dataclass
class Api:
    """A client with the API key, and the services behind it."""

    http: httpx.AsyncClient
    desk: Desk

    async def say(self, sender: str, text: str = "", **more: Any) -> dict[str, Any]:
        body = {"sender": sender} | ({"text": text} if text else {}) | more
        response = await self.http.post("/channels/rest/messages", json=body)
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer

    async def chat(self, sender: str = "ann", *, buyer: str | None = None) -> str:
        """A conversation of a guest, or of a signed-in buyer; returns its id."""
        more = {}
        if buyer:
            more["identity"] = sign(Identity(buyer, buyer.title()), self.desk.settings.identity_secret)
        return str((await self.say(sender, "hello there", **more))["conversation_id"])

    async def put_orders(self, *orders: dict[str, Any]) -> None:
        response = await self.http.post("/api/v1/orders/import", json=list(orders))
        assert response.json() == {"taken": len(orders), "bad": []}

    async def post(self, cid: str, path: str, body: dict[str, Any], **headers: str) -> httpx.Response:
        return await self.http.post(f"/api/v1/conversations/{cid}/{path}", json=body, headers=headers)


@pytest.fixture
async def api(desk_settings: Settings, packs: Packs) -> AsyncIterator[Api]:
    app = create_app(desk_settings, packs=packs)
    async with app.router.lifespan_context(app):
        await app.state.desk.grace.wait()
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        headers = {"Authorization": f"Bearer {desk_settings.api_key}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://desk", headers=headers) as http:
            yield Api(http, app.state.desk)
