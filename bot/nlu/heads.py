"""The two heads of understanding: what a message wants, and the reason it gives.

Both are multinomial logistic regression over `features`. scikit-learn fits them; what is kept is JSON and
numpy arrays without objects, and inference is one gather and one product. No pickle: a model file that can
run code when loaded is how CVE-2024-49375 came about.
"""

import json
import warnings
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
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
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedShuffleSplit
from threadpoolctl import threadpool_limits

from bot.nlu.features import Array, Featuriser
from bot.words import Intent

NO_REASON = "none"
"""The class of lines that give no reason; never leaves this module."""

_LEFT_OUT: Final = 6

# A message that is nothing but numbers says what they are; the words around them are all a classifier could go by.
_BARE: Final = {
    "order_number": Intent.INFORM,
    "phone_tail": Intent.INFORM,
    "amount": Intent.INFORM,
    "quantity": Intent.INFORM,
    "tracking_number": Intent.PROVIDE_RETURN_TRACKING,
}
_BARE_CONFIDENCE: Final = 0.99


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


class LinearModel:
    """A fitted multinomial logistic regression with a temperature."""

    def __init__(
        self, featuriser: Featuriser, labels: list[str], weights: Array, bias: Array, temperature: float
    ) -> None:
        self.featuriser = featuriser
        self.labels = labels
        self.weights = weights  # (features, labels): a message gathers few rows
        self.bias = bias
        self.temperature = temperature

    def probabilities(self, text: str) -> Array:
        """Calibrated probabilities in the order of `labels`."""
        indices, values = self.featuriser.vector(text)
        scores = (values @ self.weights[indices] + self.bias) / self.temperature
        raised = np.exp(scores - scores.max())
        chances: Array = raised / raised.sum()
        return chances

    @classmethod
    def fit(cls, texts: Sequence[str], labels: Sequence[str], config: dict[str, Any]) -> "LinearModel":
        """Fit on raw texts; the temperature comes from predictions on parts left out of a fit."""
        weights = {"chars": config["chars"], "words": config["words"], "concepts": config["concepts"]}
        featuriser = Featuriser.fit(texts, min_count=config["min_count"], weights=weights)
        matrix = featuriser.matrix(texts)
        names, wanted = np.unique(np.asarray(labels), return_inverse=True)
        if len(names) < 2:  # nothing to tell apart: always that one
            only = [str(name) for name in names]
            empty = np.zeros((featuriser.size, len(only)), dtype=np.float32)
            return cls(featuriser, only, empty, np.zeros(len(only), dtype=np.float32), 1.0)
        regression = LogisticRegression(
            C=config["C"],
            class_weight=_label_weights(wanted, config["balance"]),
            max_iter=config["max_iter"],
            tol=config["tolerance"],
            multi_class="multinomial",
        )
        # The vectors are too short for threads: on two cores they make a fit slower and take time from others.
        with threadpool_limits(limits=1), warnings.catch_warnings():
            # Stopping early is the regularisation that was measured best, not a failure.
            warnings.simplefilter("ignore", ConvergenceWarning)
            temperature = _temperature(regression, matrix, wanted)
            regression.fit(matrix, wanted)
        coefficients, bias = regression.coef_, regression.intercept_
        if len(names) == 2:  # scikit-learn keeps one row for two classes: softmax of (-z, z)
            coefficients, bias = np.vstack([-coefficients, coefficients]), np.concatenate([-bias, bias])
        return cls(
            featuriser,
            [str(name) for name in names],
            np.ascontiguousarray(coefficients.T, dtype=np.float32),
            bias.astype(np.float32),
            temperature,
        )

    def save(self, folder: Path) -> None:
        plain = {
            "labels": self.labels,
            "temperature": self.temperature,
            "weights": self.featuriser.weights,
            "vocabulary": list(self.featuriser.vocabulary),
        }
        (folder / "model.json").write_text(json.dumps(plain, ensure_ascii=False), encoding="utf-8")
        np.savez(folder / "model.npz", weights=self.weights, bias=self.bias, idf=self.featuriser.idf)

    @classmethod
    def read(cls, folder: Path) -> "LinearModel":
        plain = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        with np.load(folder / "model.npz", allow_pickle=False) as arrays:
            featuriser = Featuriser(
                {name: index for index, name in enumerate(plain["vocabulary"])}, arrays["idf"], plain["weights"]
            )
            return cls(featuriser, plain["labels"], arrays["weights"], arrays["bias"], plain["temperature"])


def _label_weights(wanted: Array, balance: float) -> dict[int, float]:
    """From counting every line alike (0) to counting every label alike (1, scikit-learn's "balanced")."""
    counts = Counter(wanted.tolist())
    return {label: (len(wanted) / len(counts) / count) ** balance for label, count in counts.items()}


def _temperature(regression: LogisticRegression, matrix: csr_matrix, wanted: Array) -> float:
    """The divisor of the scores that makes confidences honest, from lines left out of a fit; 1.0 if there are too few.

    One line in `_LEFT_OUT` is left out, of every label alike.
    """
    if min(Counter(wanted.tolist()).values()) < _LEFT_OUT:
        return 1.0
    split = StratifiedShuffleSplit(n_splits=1, test_size=1 / _LEFT_OUT, random_state=7)
    seen, unseen = next(split.split(matrix, wanted))
    regression.fit(matrix[seen], wanted[seen])
    logs = np.log(np.clip(regression.predict_proba(matrix[unseen]), 1e-9, 1))
    right = np.arange(len(unseen)), wanted[unseen]

    def loss(temperature: float) -> float:
        scores = logs / temperature
        scores -= scores.max(axis=1, keepdims=True)
        return float(np.mean(np.log(np.exp(scores).sum(axis=1)) - scores[right]))

    return float(minimize_scalar(loss, bounds=(0.3, 3.0), method="bounded").x)


class _Head(GraphComponent, IntentClassifier):  # type: ignore[misc, unused-ignore]  # Rasa has no types
    """What the two heads share: fitting, storing and loading a `LinearModel` in Rasa's graph."""

    defaults: ClassVar[dict[str, Any]] = {
        "C": 4.0,
        "balance": 0.5,
        "max_iter": 60,
        "tolerance": 1e-3,
        "min_count": 3,
        "chars": 1.0,
        "words": 0.5,
        "concepts": 0.5,
    }

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self.config = {**self.get_default_config(), **config}
        self._storage = model_storage
        self._resource = resource
        self.model: LinearModel | None = None

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
            head.model = LinearModel.read(folder)
        return head

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return dict(_Head.defaults)

    def label(self, message: Message) -> str | None:
        """The label of a training line, None to leave the line out."""
        raise NotImplementedError

    def answer(self, message: Message) -> None:
        """Write the prediction for one message into it."""
        raise NotImplementedError

    def train(self, training_data: TrainingData) -> Resource:
        labelled = [(m.get(TEXT), self.label(m)) for m in training_data.intent_examples if m.get(TEXT)]
        lines = [(text, label) for text, label in labelled if label is not None]
        self.model = LinearModel.fit([text for text, _ in lines], [label for _, label in lines], self.config)
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
        chances = self.model.probabilities(message.get(TEXT) or "")
        bare = bare_intent(message)
        if bare in self.model.labels:
            chances = chances * (1 - _BARE_CONFIDENCE)
            chances[self.model.labels.index(bare)] += _BARE_CONFIDENCE
        order = np.argsort(-chances)[: self.RANKING_LENGTH]
        ranking = [{"name": self.model.labels[i], "confidence": float(chances[i])} for i in order]
        message.set(INTENT, dict(ranking[0]), add_to_output=True)
        message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class ReasonHead(_Head):
    """Sets `reason`: {"name", "confidence"}, or None when no reason is given or it is not sure enough."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        # Lines without a reason are more than half of the data: counted alike they would swallow the rare reasons.
        return {**_Head.defaults, "balance": 0.85, "threshold": 0.35}

    def label(self, message: Message) -> str | None:
        kept = (message.get(METADATA) or {}).get(METADATA_INTENT) or {}
        reason: str = kept.get("reason", NO_REASON)
        return reason

    def answer(self, message: Message) -> None:
        if self.model is None:
            return
        chances = self.model.probabilities(message.get(TEXT) or "")
        best = int(np.argmax(chances))
        name, confidence = self.model.labels[best], float(chances[best])
        stated = name != NO_REASON and bare_intent(message) is None and confidence >= self.config["threshold"]
        message.set("reason", {"name": name, "confidence": confidence} if stated else None, add_to_output=True)
