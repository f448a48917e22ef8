"""The wording follows the slot, and before there is one the page."""

from typing import Any

import pytest
from rasa.core.actions.action import RemoteAction
from rasa.core.nlg import NaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from bot.rasa_responses import LanguageResponses
from bot.settings import ROOT

THANKS = {None: "不客气。", "zh-Hans": "不客气。", "zh-Hant": "不客氣。", "en": "You are welcome."}


@pytest.fixture
def domain() -> Domain:
    return Domain.load(ROOT / "domain.yml")


@pytest.fixture
def responses(domain: Domain, monkeypatch: pytest.MonkeyPatch) -> NaturalLanguageGenerator:
    """Made as Rasa makes it from endpoints.yml."""
    monkeypatch.setattr(RemoteAction, "_validate_action_result", RemoteAction._validate_action_result)
    made = NaturalLanguageGenerator.create(EndpointConfig(type="bot.rasa_responses.LanguageResponses"), domain)
    assert isinstance(made, LanguageResponses)
    return made


def tracker(domain: Domain, *, slot: str | None, metadata: dict[str, Any] | None) -> DialogueStateTracker:
    events = [UserUttered("/thank", intent={"name": "thank"}, metadata=metadata), SlotSet("language", slot)]
    return DialogueStateTracker.from_events("c1", events, slots=domain.slots)


@pytest.mark.parametrize("language", [None, "zh-Hans", "zh-Hant", "en"])
async def test_the_slot_picks_the_wording(
    responses: NaturalLanguageGenerator, domain: Domain, language: str | None
) -> None:
    said = await responses.generate("utter_thank", tracker(domain, slot=language, metadata=None), "rest")

    assert said is not None
    assert said["text"] == THANKS[language]


@pytest.mark.parametrize(("hint", "text"), [("en", THANKS["en"]), ("zh-Hant", THANKS["zh-Hant"]), ("fr", THANKS[None])])
async def test_before_the_buyer_has_written_the_page_picks_it(
    responses: NaturalLanguageGenerator, domain: Domain, hint: str, text: str
) -> None:
    said = await responses.generate("utter_thank", tracker(domain, slot=None, metadata={"language": hint}), "rest")

    assert said is not None
    assert said["text"] == text


async def test_what_the_buyer_writes_outweighs_the_page(responses: NaturalLanguageGenerator, domain: Domain) -> None:
    said = await responses.generate("utter_thank", tracker(domain, slot="en", metadata={"language": "zh-Hant"}), "rest")

    assert said is not None
    assert said["text"] == THANKS["en"]


async def test_placeholders_are_filled(responses: NaturalLanguageGenerator, domain: Domain) -> None:
    asked = tracker(domain, slot="en", metadata=None)

    said = await responses.generate("utter_which_tail", asked, "rest", number="RD20260001")

    assert said is not None
    assert "order RD20260001" in said["text"]
