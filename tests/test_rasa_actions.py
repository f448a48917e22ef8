"""Answers of the action server are checked in no time, and wrong ones still stop the turn."""

from typing import Any

import pytest
from rasa.core.actions.action import RemoteAction
from rasa.shared.exceptions import RasaException

from bot.rasa_actions import check_result, check_results_cheaply

ACTION = RemoteAction("action_tell_status", None)


@pytest.mark.parametrize(
    "result",
    [
        {},
        {"events": [], "responses": []},
        {"events": [{"event": "slot", "name": "reason", "value": None}], "responses": [{"text": "hello"}]},
    ],
)
def test_an_answer_of_events_and_responses_passes(result: dict[str, Any]) -> None:
    assert check_result(ACTION, result) is True


@pytest.mark.parametrize("result", [None, [], "ok", {"events": {}}, {"events": ["slot"]}, {"responses": [1]}])
def test_anything_else_is_refused(result: Any) -> None:
    with pytest.raises(RasaException, match="no list of events and responses"):
        check_result(ACTION, result)


def test_rasa_uses_the_cheap_check_once_it_is_put_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RemoteAction, "_validate_action_result", RemoteAction._validate_action_result)

    check_results_cheaply()

    with pytest.raises(RasaException, match="no list of events and responses"):
        ACTION._validate_action_result([])
