"""The two heads of understanding: what a message wants, and the reason it gives.

Each asks a `Cascade` about the whole message and, where that leaves room, its linear model about the clauses.
"""

from abc import abstractmethod
from typing import Any, ClassVar, Final

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_RANKING_KEY, METADATA, METADATA_INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.cascade import Cascade
from bot.nlu.clauses import clauses, without_facts
from bot.nlu.entity_rules import OrderNumbers, find_entities
from bot.nlu.features import Array
from bot.words import Intent

NO_REASON = "none"
"""The class of lines that give no reason; never leaves this module."""

# A message that is nothing but numbers says what they are; the words around them are all a classifier could go by.
_BARE: Final = {
    "order_number": Intent.INFORM,
    "phone_tail": Intent.INFORM,
    "amount": Intent.INFORM,
    "quantity": Intent.INFORM,
    "tracking_number": Intent.PROVIDE_RETURN_TRACKING,
}
_BARE_CONFIDENCE: Final = 0.99


# Messages of these intents tell facts; a demand for the money beside the facts is what the message is for.
_TELLS: Final = frozenset({Intent.INFORM, Intent.SUBMIT_EVIDENCE})
# A clause of any other message may name what only looks like a reason: "can I return it if it is broken".
_GIVES_REASONS: Final = frozenset(
    {
        *(Intent.REQUEST_REFUND, Intent.REQUEST_EXCHANGE, Intent.INFORM),
        *(Intent.SUBMIT_EVIDENCE, Intent.APPEAL_DECISION),
    }
)


def bare_intent(message: Message) -> Intent | None:
    """The intent of a message whose letters and digits all belong to number entities; None for any other."""
    left = list(message.get(TEXT) or "")
    kinds = []
    for entity in message.get(ENTITIES) or []:
        if entity["entity"] in _BARE:
            kinds.append(entity["entity"])
            left[entity["start"] : entity["end"]] = " " * (entity["end"] - entity["start"])
    if not kinds or any(c.isalnum() for c in left):
        return None
    return _BARE[kinds[0]]


def _leaning(chances: Array, label: int, weight: float) -> Array:
    """The chances with `weight` of the whole put on one label; they still sum to one."""
    leaned: Array = chances * (1 - weight)
    leaned[label] += weight
    return leaned


def _message_text(message: Message) -> str:
    """What the classifiers read of a message: its text without the facts that the entity rules found in it."""
    found = [(entity["entity"], entity["start"], entity["end"]) for entity in message.get(ENTITIES) or []]
    return without_facts(message.get(TEXT) or "", found)


_TRAINING_NUMBERS: Final = OrderNumbers()


def _training_text(message: Message) -> str:
    """The same for a line of training data, through which Rasa sends no entity rules."""
    text = message.get(TEXT)
    return without_facts(text, [(hit.entity, hit.start, hit.end) for hit in find_entities(text, _TRAINING_NUMBERS)])


class _Head(GraphComponent, IntentClassifier):  # type: ignore[misc, unused-ignore]  # Rasa has no types
    """What the two heads share: fitting, storing and loading a `Cascade` in Rasa's graph."""

    defaults: ClassVar[dict[str, Any]] = {
        "C": 4.0,
        "balance": 0.5,
        "max_iter": 60,
        "tolerance": 1e-3,
        "min_count": 4,
        "chars": 1.0,
        "words": 0.5,
        "concepts": 0.5,
        # How sure a clause must be to speak for a message; measured on lines left out, put between other facts.
        "clause_threshold": 0.8,
        # Below this confidence of the linear model the sentence encoder has a say; 0 leaves it out altogether.
        "encoder_threshold": 0.7,
        "encoder_blend": 0.5,
        "encoder_C": 20.0,
        "encoder_balance": 0.0,
        # Training lines that are encoded; more add seconds and hardly any accuracy.
        "encoder_lines": 4000,
    }

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self.config = {**self.get_default_config(), **config}
        self._storage = model_storage
        self._resource = resource
        self.model: Cascade | None = None

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "_Head":
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "_Head":
        head = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            head.model = Cascade.read(folder, head.config["encoder_threshold"])
        return head

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return dict(_Head.defaults)

    @abstractmethod
    def label(self, message: Message) -> str | None:
        """The label of a training line, None to leave the line out."""

    @abstractmethod
    def answer(self, message: Message) -> None:
        """Write the prediction for one message into it."""

    def train(self, training_data: TrainingData) -> Resource:
        labelled = [(_training_text(m), self.label(m)) for m in training_data.intent_examples if m.get(TEXT)]
        lines = [(text, label) for text, label in labelled if label is not None]
        self.model = Cascade.fit([text for text, _ in lines], [label for _, label in lines], self.config)
        with self._storage.write_to(self._resource) as folder:
            self.model.save(folder)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            self.answer(message)
        return messages


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IntentHead(_Head):
    """Sets `intent` and `intent_ranking`."""

    RANKING_LENGTH: ClassVar[int] = 10

    def label(self, message: Message) -> str | None:
        intent: str | None = message.get(INTENT)
        return intent

    def answer(self, message: Message) -> None:
        # A payload such as /affirm is decided by Rasa's RegexMessageHandler: what is set stays.
        if self.model is None or message.get(INTENT):
            return
        text = _message_text(message)
        labels = self.model.labels
        chances = self.model.probabilities(text)
        bare = bare_intent(message)
        if bare in labels:
            chances = _leaning(chances, labels.index(bare), _BARE_CONFIDENCE)
        elif labels[int(np.argmax(chances))] in _TELLS and Intent.REQUEST_REFUND in labels:
            refund = labels.index(Intent.REQUEST_REFUND)
            asked = max((self.model.linear.probabilities(part)[refund] for part in clauses(text)), default=0.0)
            if asked >= self.config["clause_threshold"]:
                chances = _leaning(chances, refund, asked)
        order = np.argsort(-chances)[: self.RANKING_LENGTH]
        ranking = [{"name": labels[i], "confidence": float(chances[i])} for i in order]
        message.set(INTENT, dict(ranking[0]), add_to_output=True)
        message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class ReasonHead(_Head):
    """Sets `reason`: {"name", "confidence"}, or None when no reason is given or it is not sure enough."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        # Lines without a reason are more than half of the data: counted alike they would swallow the rare reasons.
        return {
            **_Head.defaults,
            "balance": 0.85,
            "threshold": 0.35,
            "sure": 0.8,
            "clause_threshold": 0.7,
            "encoder_balance": 1.0,
        }

    def label(self, message: Message) -> str | None:
        kept = (message.get(METADATA) or {}).get(METADATA_INTENT) or {}
        reason: str = kept.get("reason", NO_REASON)
        return reason

    def answer(self, message: Message) -> None:
        if self.model is None:
            return
        name, confidence = self._best(_message_text(message), (message.get(INTENT) or {}).get("name"))
        stated = name != NO_REASON and bare_intent(message) is None and confidence >= self.config["threshold"]
        message.set("reason", {"name": name, "confidence": confidence} if stated else None, add_to_output=True)

    def _best(self, text: str, intent: str | None) -> tuple[str, float]:
        """The likeliest reason of the whole text, or of one clause that is surer of itself than the whole is."""
        assert self.model is not None
        labels = self.model.labels
        chances = self.model.probabilities(text)
        best = int(np.argmax(chances))
        name, confidence = labels[best], float(chances[best])
        if (name != NO_REASON and confidence >= self.config["sure"]) or intent not in _GIVES_REASONS:
            return name, confidence
        for part in clauses(text):
            chances = self.model.linear.probabilities(part)
            best = int(np.argmax(chances))
            surer = name == NO_REASON or chances[best] > confidence
            if labels[best] != NO_REASON and surer and chances[best] >= self.config["clause_threshold"]:
                name, confidence = labels[best], float(chances[best])
        return name, confidence
