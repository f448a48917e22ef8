"""Multinomial logistic regression over `features`.

scikit-learn fits it; what is kept is JSON and numpy arrays without objects, and inference is one gather and one
product. No pickle: a model file that can run code when loaded is how CVE-2024-49375 came about.
"""

import json
import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from scipy.optimize import minimize_scalar
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedShuffleSplit
from threadpoolctl import threadpool_limits

from bot.nlu.features import Array, Featuriser

_LEFT_OUT: Final = 6


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
        self.unseen: Array | None = None
        """Chances of the lines left out (see `left_out`); only after a fit, for what is calibrated on top of it."""

    def probabilities(self, text: str) -> Array:
        """Calibrated probabilities in the order of `labels`."""
        indices, values = self.featuriser.vector(text)
        return softmax((values @ self.weights[indices] + self.bias) / self.temperature)

    @classmethod
    def fit(cls, texts: Sequence[str], labels: Sequence[str], config: dict[str, Any]) -> "LinearModel":
        """Fit on raw texts; the temperature comes from predictions on lines left out of a first fit."""
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
            class_weight=label_weights(wanted, config["balance"]),
            max_iter=config["max_iter"],
            tol=config["tolerance"],
            multi_class="multinomial",
        )
        split = left_out(wanted)
        temperature, unseen = 1.0, None
        # The vectors are too short for threads: on two cores they make a fit slower and take time from others.
        with threadpool_limits(limits=1), warnings.catch_warnings():
            # Stopping early is the regularisation that was measured best, not a failure.
            warnings.simplefilter("ignore", ConvergenceWarning)
            if split:
                regression.fit(matrix[split.seen], wanted[split.seen])
                logs = np.log(np.clip(regression.predict_proba(matrix[split.unseen]), 1e-9, 1))
                temperature = best_temperature(logs, wanted[split.unseen])
                unseen = softmax(logs / temperature)
            regression.fit(matrix, wanted)
        coefficients, bias = both_rows(regression)
        model = cls(
            featuriser,
            [str(name) for name in names],
            np.ascontiguousarray(coefficients.T, dtype=np.float32),
            bias.astype(np.float32),
            temperature,
        )
        model.unseen = unseen
        return model

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


@dataclass(frozen=True, slots=True)
class Split:
    """Row numbers: what a first fit sees, and what is left out to be predicted."""

    seen: Array
    unseen: Array


def left_out(wanted: Array) -> Split | None:
    """One line in `_LEFT_OUT` is left out, of every label alike; None if a label has too few. The same each time."""
    if min(Counter(wanted.tolist()).values()) < _LEFT_OUT:
        return None
    split = StratifiedShuffleSplit(n_splits=1, test_size=1 / _LEFT_OUT, random_state=7)
    return Split(*next(split.split(np.zeros(len(wanted)), wanted)))


def label_weights(wanted: Array, balance: float) -> dict[int, float]:
    """From counting every line alike (0) to counting every label alike (1, scikit-learn's "balanced")."""
    counts = Counter(wanted.tolist())
    return {label: (len(wanted) / len(counts) / count) ** balance for label, count in counts.items()}


def both_rows(regression: LogisticRegression) -> tuple[Array, Array]:
    """Weights and bias, one row a class: for two classes scikit-learn keeps one row, softmax of (-z, z)."""
    weights, bias = regression.coef_, regression.intercept_
    if len(regression.classes_) == 2:
        return np.vstack([-weights, weights]), np.concatenate([-bias, bias])
    return weights, bias


def softmax(scores: Array) -> Array:
    """Chances from scores, along the last axis."""
    raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
    chances: Array = raised / raised.sum(axis=-1, keepdims=True)
    return chances


def best_temperature(logs: Array, wanted: Array) -> float:
    """The divisor of log-chances that makes them honest about the labels that were `wanted`."""
    right = np.arange(len(wanted)), wanted

    def loss(temperature: float) -> float:
        scores = logs / temperature
        scores -= scores.max(axis=1, keepdims=True)
        return float(np.mean(np.log(np.exp(scores).sum(axis=1)) - scores[right]))

    return float(minimize_scalar(loss, bounds=(0.3, 3.0), method="bounded").x)
