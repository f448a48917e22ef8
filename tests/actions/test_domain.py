"""What Rasa's files promise: every text in three languages, nothing an action needs is missing."""

import inspect
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from rasa_sdk import utils

from actions import asking, base, buttons, draft, evidence, flow, handoff, hearing, policy, refund, session, status
from bot.conversations.texts import GREETING
from bot.reason_words import REASON_WORDS
from bot.settings import ROOT
from bot.words import Intent, Language, Reason

MODULES = (asking, base, buttons, draft, evidence, flow, handoff, hearing, policy, refund, session, status)
DOMAIN: dict[str, Any] = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
RESPONSES: dict[str, list[dict[str, Any]]] = DOMAIN["responses"]
HAN = re.compile(r"[\u4e00-\u9fff]")
SIMPLIFIED_ONLY = re.compile("[订单发货这们请为时间说话题钱员视频码证进经过还没问关门图换给买卖红绿黄车东两头与业严个]")
"""Frequent characters that stand in no Traditional text."""


def wording(response: str, language: str | None) -> dict[str, Any]:
    [found] = [
        variation
        for variation in RESPONSES[response]
        if [c["value"] for c in variation.get("condition", [])] == ([language] if language else [])
    ]
    return found


def _all_words(variation: dict[str, Any]) -> str:
    return " ".join([variation["text"], *(button["title"] for button in variation.get("buttons", []))])


@pytest.mark.parametrize("response", RESPONSES)
def test_each_response_has_three_wordings_with_the_same_placeholders_and_buttons(response: str) -> None:
    variations = [wording(response, language) for language in (None, Language.ZH_HANT, Language.EN)]

    assert len(RESPONSES[response]) == 3
    assert len({tuple(sorted(re.findall(r"{(\w+)}", variation["text"]))) for variation in variations}) == 1
    assert len({tuple(button["payload"] for button in variation.get("buttons", [])) for variation in variations}) == 1


@pytest.mark.parametrize("response", RESPONSES)
def test_each_wording_is_in_its_own_script_and_calm(response: str) -> None:
    hans, hant, en = (_all_words(wording(response, language)) for language in (None, Language.ZH_HANT, Language.EN))

    assert not HAN.search(en)
    assert not SIMPLIFIED_ONLY.search(hant)
    assert not re.search("[!！]", hans + hant + en)


@pytest.mark.parametrize(
    "titles",
    [*buttons.titles()["plain"].values(), *REASON_WORDS.values()],
    ids=[*buttons.titles()["plain"], *REASON_WORDS],
)
def test_each_button_has_a_short_title_in_each_language(titles: dict[str, str]) -> None:
    assert set(titles) == set(Language)
    assert not HAN.search(titles["en"])
    assert not SIMPLIFIED_ONLY.search(titles["zh-Hant"])
    assert max(len(titles["zh-Hans"]), len(titles["zh-Hant"])) <= 10
    assert len(titles["en"]) <= 24


def test_each_reason_has_a_button() -> None:
    assert set(REASON_WORDS) == set(Reason)


def test_the_domain_names_exactly_the_intents_of_the_words() -> None:
    assert set(DOMAIN["intents"]) == set(Intent)


def test_the_domain_names_exactly_the_actions_there_are() -> None:
    kinds = [kind for kind in utils.all_subclasses(base.DeskAction) if not inspect.isabstract(kind)]

    assert sorted(kind().name() for kind in kinds) == sorted(DOMAIN["actions"])


def test_each_response_is_said_somewhere_and_each_one_said_exists() -> None:
    code = "".join(Path(str(module.__file__)).read_text(encoding="utf-8") for module in MODULES)
    rules = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "data" / "rules").glob("*.yml")))
    said = set(re.findall(r"utter_\w+", code + rules)) - {"utter_message"}
    reworded = {f"{name}_again" for name in re.findall(r'_again\("(utter_\w+)"', code)}

    assert said | reworded == set(RESPONSES)


def test_each_slot_of_the_draft_is_in_the_domain_and_steers_no_rule() -> None:
    assert set(draft.NAMES) <= set(DOMAIN["slots"])
    steering = [
        name
        for name, slot in DOMAIN["slots"].items()
        if slot["type"] != "any" and slot["influence_conversation"] is not False
    ]
    assert steering == []


def test_the_form_asks_for_slots_only_through_its_validation() -> None:
    """Rasa would ask a second time if there were a response or an action of these names."""
    names = {*RESPONSES, *DOMAIN["actions"]}
    for slot in DOMAIN["forms"]["refund_form"]["required_slots"]:
        assert not names & {f"utter_ask_{slot}", f"utter_ask_refund_form_{slot}", f"action_ask_{slot}"}


@pytest.mark.parametrize("intents", [hearing.INTERRUPTS, hearing.LEAVES])
def test_each_intent_the_form_gives_away_has_a_rule_inside_the_form(intents: frozenset[str]) -> None:
    rules = yaml.safe_load((ROOT / "data" / "rules" / "interruptions.yml").read_text(encoding="utf-8"))["rules"]

    assert intents <= {rule["steps"][0]["intent"] for rule in rules}


def test_a_greeting_is_returned_without_a_second_introduction_and_with_the_three_ways_on() -> None:
    greetings = [wording("utter_greet", language) for language in (None, "zh-Hant", "en")]

    assert [greeting["text"] for greeting in greetings] == [
        "您好，请问有什么可以帮您？",
        "您好，請問需要什麼協助？",
        "Hello. What can I do for you?",
    ]
    payloads = [button["payload"] for button in greetings[0]["buttons"]]
    assert payloads == ["/request_refund", "/check_refund_status", "/request_human"]


@pytest.mark.parametrize("language", list(Language))
def test_the_first_line_of_a_chat_says_that_it_is_a_machine(language: Language) -> None:
    assert {"zh-Hans": "自动", "zh-Hant": "自動", "en": "automated"}[language] in GREETING[language]
