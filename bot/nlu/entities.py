"""Rasa components that write the language and the entities of a message."""

import re
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import ENTITIES, METADATA, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.entity_rules import DEFAULT_ORDER_NUMBERS, OrderNumbers, find_entities
from bot.nlu.language import resolve
from bot.nlu.wishes import wishes
from bot.words import Language


def _language(value: object) -> Language | None:
    return next((language for language in Language if language.value == value), None)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class RefundEntities(GraphComponent, EntityExtractorMixin):  # type: ignore[misc, unused-ignore]  # Rasa has no types
    """Order, tracking and phone numbers, amounts, quantities and wishes, found by rules on the raw text."""

    def __init__(self, config: dict[str, Any]) -> None:
        try:
            self._orders = OrderNumbers(config["order_numbers"])
        except re.error as error:
            raise InvalidConfigException(f"RefundEntities: order_numbers: {error}") from error

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"order_numbers": list(DEFAULT_ORDER_NUMBERS)}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "RefundEntities":
        list(wishes(""))  # load the phrases now, not in the first buyer's turn
        return cls({**cls.get_default_config(), **config})

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            text = message.get(TEXT) or ""
            found = [*find_entities(text, self._orders), *wishes(text)]
            entities = [{"entity": f.entity, "value": f.value, "start": f.start, "end": f.end} for f in found]
            kept = message.get(ENTITIES) or []
            message.set(ENTITIES, [*kept, *self.add_extractor_name(entities)], add_to_output=True)
        return messages


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class RefundLanguage(GraphComponent, EntityExtractorMixin):  # type: ignore[misc, unused-ignore]  # Rasa has no types
    """Sets `language`, and an entity of no width that fills the slot of that name without another call.

    Neutral text ("1234", "ok") takes the hint in the message's metadata; without one `language` is zh-Hans and
    the slot keeps what it has.
    """

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "RefundLanguage":
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            hint = _language((message.get(METADATA) or {}).get("language"))
            language = resolve(message.get(TEXT) or "", hint)
            message.set("language", (language or Language.ZH_HANS).value, add_to_output=True)
            if language is not None:
                entity = {"entity": "language", "value": language.value, "start": 0, "end": 0}
                kept = message.get(ENTITIES) or []
                message.set(ENTITIES, [*kept, *self.add_extractor_name([entity])], add_to_output=True)
        return messages
