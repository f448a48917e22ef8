"""`kill -9` in the middle of a conversation: nothing said is lost, nothing is answered twice."""

import contextlib
import sqlite3
import threading
import time
from collections import Counter

import httpx
import pytest

from tests.e2e.stack import API_KEY, Stack

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize("name", ["desk", "rasa", "actions"])
def test_nothing_is_lost_or_answered_twice_after_kill(own_stack: Stack, name: str) -> None:
    talk = own_stack.talk("killed")
    talk.say("我想退款")
    before = own_stack.conversation(talk.conversation_id)["messages"]

    sender = threading.Thread(target=_post, args=(own_stack, "RD20260001"))
    sender.start()
    _wait_until_stored(own_stack, "the-one")
    own_stack.kill(name)
    sender.join()
    assert own_stack.wait_until_down() == 1
    assert "has stopped" in own_stack.log.read_text()

    own_stack.start()
    stored = _wait_until_answered(own_stack, talk.conversation_id)
    _post(own_stack, "RD20260001")  # the program repeats what was not acknowledged, with the same key
    messages = _wait_until_answered(own_stack, talk.conversation_id)

    assert [line["text"] for line in messages if line["author"] == "buyer"] == ["我想退款", "RD20260001"]
    assert messages[: len(before)] == before
    assert messages == stored or len(stored) == len(before)
    answers = Counter(line["text"] for line in messages[len(before) :] if line["author"] != "buyer")
    assert sum(answers.values()) == 1, messages
    assert [line["seq"] for line in messages] == list(range(1, len(messages) + 1))


def _wait_until_stored(stack: Stack, message_id: str) -> None:
    """Return within a millisecond of the message being on disk: its turn, some 30 ms, has just begun."""
    deadline = time.monotonic() + 10
    with contextlib.closing(sqlite3.connect(f"file:{stack.data_dir / 'desk.db'}?mode=ro", uri=True)) as database:
        while time.monotonic() < deadline:
            if database.execute("SELECT 1 FROM inbox WHERE message_key LIKE ?", (f"%{message_id}",)).fetchone():
                return
    raise AssertionError(f"{message_id} was never stored")


def _post(stack: Stack, text: str) -> None:
    body = {"sender": "killed", "text": text, "message_id": "the-one"}
    with contextlib.suppress(httpx.HTTPError):
        httpx.post(
            f"{stack.url}/channels/rest/messages",
            json=body,
            headers={"Authorization": f"Bearer {API_KEY}"},
            timeout=30,
        )


def _wait_until_answered(stack: Stack, conversation_id: str) -> list[dict[str, object]]:
    """The transcript once the last line is not the buyer's any more, or after half a minute."""
    messages: list[dict[str, object]] = []
    for _ in range(60):
        messages = stack.conversation(conversation_id)["messages"]
        if messages[-1]["author"] != "buyer":
            break
        time.sleep(0.5)
    return messages
