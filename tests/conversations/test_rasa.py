"""What the desk makes of Rasa's answers."""

import pytest

from bot.conversations.rasa import BotLine, RasaClient, StartGrace
from bot.conversations.transcript import Button
from bot.errors import ServiceError, ServiceTimeout
from tests.conversations.fake_rasa import FakeRasa


@pytest.fixture
async def client(rasa: FakeRasa):
    client = RasaClient(f"http://127.0.0.1:{rasa.port}", "rasa-token", timeout=0.3)
    yield client
    await client.close()


async def test_lines_and_buttons_are_read_and_empty_ones_left_out(rasa: FakeRasa, client: RasaClient) -> None:
    rasa.answer = lambda body: [
        {
            "text": "哪个订单？",
            "buttons": [{"title": "人工", "payload": "/request_human"}, {"title": "", "payload": "x"}],
        },
        {"text": "  "},
        {"image": "https://example.com/a.png"},
    ]
    assert await client.answer("c1", "退款", {"turn_id": "t"}) == [
        BotLine("哪个订单？", (Button("人工", "/request_human"),))
    ]


@pytest.mark.parametrize(
    ("trouble", "error"),
    [({"delay": 1.0}, ServiceTimeout), ({"status": 500}, ServiceError), ({"status": 404}, ServiceError)],
)
async def test_trouble_is_a_service_error(
    trouble: dict[str, float], error: type[Exception], rasa: FakeRasa, client: RasaClient
) -> None:
    for name, value in trouble.items():
        setattr(rasa, name, value)
    with pytest.raises(error):
        await client.answer("c1", "退款", {"turn_id": "t"})
    assert len(rasa.turns) == 1


async def test_a_turn_is_found_with_only_its_own_lines(rasa: FakeRasa, client: RasaClient) -> None:
    for turn in ("t1", "t2", "t3"):
        rasa.remember({"sender": "c1", "message": turn, "metadata": {"turn_id": turn}}, [{"text": f"answer {turn}"}])
    assert await client.find_turn("c1", "t2") == [BotLine("answer t2")]
    assert await client.find_turn("c1", "t9") is None


async def test_the_wait_for_a_rasa_that_never_comes_ends(client: RasaClient, rasa: FakeRasa) -> None:
    rasa.is_ready = False
    grace = StartGrace(client, 0.1)
    await grace.watch()
    await grace.wait()
