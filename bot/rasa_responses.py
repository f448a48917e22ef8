"""How Rasa words its responses; named in endpoints.yml by its dotted path.

A response of domain.yml picks its wording by the slot `language`. Before the buyer has written a word, when the
first thing that happens is a pressed button, the language of the page decides.
"""

from typing import Any

from rasa.core.nlg import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from bot.rasa_actions import check_results_cheaply
from bot.words import Language


class LanguageResponses(TemplatedNaturalLanguageGenerator):  # type: ignore[misc, unused-ignore]  # Rasa has no types
    """Rasa's own templates, with the page's language where no message has given one."""

    def __init__(self, endpoint_config: EndpointConfig, domain: Domain) -> None:
        super().__init__(domain.responses)
        # Rasa has no hook for its action client; this object is made once, before the first turn.
        check_results_cheaply()

    async def generate(
        self, utter_action: str, tracker: DialogueStateTracker, output_channel: str, **kwargs: Any
    ) -> dict[str, Any] | None:
        """The response in the buyer's language; None if there is no such response."""
        slots = tracker.current_slot_values()
        if slots.get("language") is None:
            slots["language"] = _hint(tracker)
        said: dict[str, Any] | None = self.generate_from_slots(utter_action, slots, output_channel, **kwargs)
        return said


def _hint(tracker: DialogueStateTracker) -> str | None:
    metadata = (tracker.latest_message.metadata if tracker.latest_message else None) or {}
    hint = metadata.get("language")
    return str(hint) if hint in set(Language) else None
