"""A linear model that answers what it is sure of, and a sentence encoder's vector for the rest.

Most messages are plain, and the linear model tells them apart in a fraction of a millisecond. Only below a
threshold the message is encoded, and the answer is a blend of both. The numbers behind it are in
docs/decisions/0004-encoders-behind-a-linear-model.md.
"""

import json
import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from bot.nlu import encoders
from bot.nlu.features import Array
from bot.nlu.linear import LinearModel, best_temperature, both_rows, label_weights, left_out, softmax

_NEVER: Final = -30.0
"""The score of a label that no line of a script has."""
_FEWEST: Final = 30
"""Lines below which nothing is learned from vectors."""


class EncodedModel:
    """Multinomial logistic regression on sentence vectors, one for each script, blended with a linear model."""

    def __init__(self, weights: Array, bias: Array, blend: float, temperature: float) -> None:
        self.weights = weights  # (scripts, numbers of a vector, labels)
        self.bias = bias  # (scripts, labels)
        self.blend = blend
        self.temperature = temperature

    def blended(self, linear: Array, script: int, vector: Array) -> Array:
        """Calibrated chances from those of the linear model and a vector, of one text or of many of one script."""
        own = softmax(vector @ self.weights[script] + self.bias[script])
        return softmax(np.log((1 - self.blend) * linear + self.blend * own + 1e-9) / self.temperature)

    @classmethod
    def fit(
        cls, scripts: Array, vectors: Array, wanted: Array, labels: int, config: dict[str, Any]
    ) -> "EncodedModel | None":
        """Fit without a temperature; None if the lines of a script all have one label."""
        weights = np.zeros((len(encoders.SCRIPTS), vectors.shape[1], labels), dtype=np.float32)
        bias = np.full((len(encoders.SCRIPTS), labels), _NEVER, dtype=np.float32)
        for script in range(len(encoders.SCRIPTS)):
            rows = np.flatnonzero(scripts == script)
            if len(set(wanted[rows])) < 2:
                return None
            regression = LogisticRegression(
                C=config["encoder_C"],
                class_weight=label_weights(wanted[rows], config["encoder_balance"]),
                max_iter=config["max_iter"],
                tol=config["tolerance"],
                multi_class="multinomial",
            )
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ConvergenceWarning)
                regression.fit(vectors[rows], wanted[rows])
            coefficients, intercept = both_rows(regression)
            weights[script][:, regression.classes_] = coefficients.T
            bias[script][regression.classes_] = intercept
        return cls(weights, bias, config["encoder_blend"], 1.0)


class Cascade:
    """A linear model, and what stands behind it for messages it is unsure of."""

    def __init__(self, linear: LinearModel, encoded: EncodedModel | None, threshold: float) -> None:
        self.linear = linear
        self.encoded = encoded
        self.threshold = threshold
        # Looked up when a model is made or read, so that no buyer waits for files to be read and checked.
        self._encoders = encoders.find_or_explain() if encoded is not None else None

    @property
    def labels(self) -> list[str]:
        return self.linear.labels

    def probabilities(self, text: str) -> Array:
        """Calibrated chances in the order of `labels`."""
        chances = self.linear.probabilities(text)
        if self.encoded is None or self._encoders is None or chances.max() >= self.threshold:
            return chances
        if encoders.is_mixed(text):
            return chances  # each encoder reads one script only
        script, vector = self._encoders.vector(text)
        return self.encoded.blended(chances, encoders.SCRIPTS.index(script), vector)

    @classmethod
    def fit(cls, texts: Sequence[str], labels: Sequence[str], config: dict[str, Any]) -> "Cascade":
        """Fit both on raw texts; the linear model alone without encoders, or with too few texts."""
        threshold = config["encoder_threshold"]
        if threshold <= 0 or len(texts) < _FEWEST or encoders.find_or_explain() is None:
            return cls(LinearModel.fit(texts, labels, config), None, threshold)
        # One thread for each: the three share two cores, and sums come out the same each time.
        with threadpool_limits(limits=1), ThreadPoolExecutor(1) as pool:
            encoding = pool.submit(_encoded, tuple(texts), config["encoder_lines"])
            linear = LinearModel.fit(texts, labels, config)
            rows, scripts, vectors = encoding.result()
            numbers = {label: number for number, label in enumerate(linear.labels)}
            wanted = np.array([numbers[label] for label in labels])
            encoded = EncodedModel.fit(scripts, vectors, wanted[rows], len(numbers), config)
            if encoded is not None:
                encoded.temperature = _temperature(linear, rows, scripts, vectors, wanted, config)
        return cls(linear, encoded, threshold)

    def save(self, folder: Path) -> None:
        """Numbers without objects, and JSON."""
        self.linear.save(folder)
        if self.encoded is not None:
            plain = {"blend": self.encoded.blend, "temperature": self.encoded.temperature}
            (folder / "encoded.json").write_text(json.dumps(plain), encoding="utf-8")
            np.savez(folder / "encoded.npz", weights=self.encoded.weights, bias=self.encoded.bias)

    @classmethod
    def read(cls, folder: Path, threshold: float) -> "Cascade":
        linear = LinearModel.read(folder)
        if not (folder / "encoded.json").is_file():
            return cls(linear, None, threshold)
        plain = json.loads((folder / "encoded.json").read_text(encoding="utf-8"))
        with np.load(folder / "encoded.npz", allow_pickle=False) as arrays:
            encoded = EncodedModel(arrays["weights"], arrays["bias"], plain["blend"], plain["temperature"])
        return cls(linear, encoded, threshold)


@lru_cache(maxsize=1)
def _encoded(texts: tuple[str, ...], most: int) -> tuple[Array, Array, Array]:
    """Row numbers of at most `most` texts, drawn the same way each time, their scripts and their vectors.

    Kept because the two heads learn from the same lines, one after the other.
    """
    found = encoders.find()
    assert found is not None
    rows = np.sort(np.random.default_rng(7).permutation(len(texts))[:most])
    return rows, *found.matrix([texts[row] for row in rows])


def _temperature(
    linear: LinearModel, rows: Array, scripts: Array, vectors: Array, wanted: Array, config: dict[str, Any]
) -> float:
    """What makes the blend honest, from the lines that were left out of both first fits and that it would decide."""
    split = left_out(wanted)
    if split is None or linear.unseen is None:
        return 1.0
    seen = ~np.isin(rows, split.unseen)
    first = EncodedModel.fit(scripts[seen], vectors[seen], wanted[rows[seen]], len(linear.labels), config)
    chances = dict(zip(split.unseen.tolist(), linear.unseen, strict=True))
    unsure = [at for at in np.flatnonzero(~seen) if chances[int(rows[at])].max() < config["encoder_threshold"]]
    if first is None or len(unsure) < _FEWEST:
        return 1.0
    logs = [np.log(first.blended(chances[int(rows[at])], int(scripts[at]), vectors[at])) for at in unsure]
    return best_temperature(np.array(logs), wanted[rows[unsure]])
