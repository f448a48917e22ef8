"""What the classifiers look at: character n-grams, words and concepts of the normalised text, weighted by tf-idf.

Fitting and inference are plain numpy, so a fitted featuriser is two arrays and a list of strings.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from bot.nlu.language import HAN
from bot.nlu.normalise import normalise
from bot.nlu.tokens import words

CONCEPTS = Path(__file__).with_name("concepts.txt")
"""Groups of words that mean the same in both languages, `name: word, word`."""

Array = npt.NDArray[Any]

MAX_CHARS: Final = 4
_LATIN_WORD = re.compile(r"[a-z0-9']+")
_CHINESE_RUN = re.compile(rf"[{HAN}0]+")


@dataclass(frozen=True, slots=True)
class Features:
    """Names of one message's features by kind; each kind is weighted on its own."""

    chars: tuple[str, ...]
    words: tuple[str, ...]
    concepts: tuple[str, ...]


def _read_concepts(path: Path) -> tuple[re.Pattern[str], dict[str, str]]:
    concept_of: dict[str, str] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        name, _, rest = line.partition(":")
        for word in rest.split(","):
            concept_of[word.strip()] = name.strip()
    longest_first = sorted(concept_of, key=len, reverse=True)
    # Latin words only as whole words; Chinese ones anywhere.
    parts = [rf"\b{re.escape(w)}\b" if w.isascii() and w[0].isalnum() else re.escape(w) for w in longest_first]
    return re.compile("|".join(parts)), concept_of


_CONCEPT_WORD, _CONCEPT_OF = _read_concepts(CONCEPTS)


def concepts(plain: str) -> list[str]:
    """Concepts named in a normalised text, in order."""
    return [_CONCEPT_OF[match[0]] for match in _CONCEPT_WORD.finditer(plain)]


@lru_cache(maxsize=64)
def features(text: str) -> Features:
    """The features of a raw text. Kept for a moment because two classifiers ask for the same message."""
    plain = normalise(text)
    return Features(tuple(_char_grams(plain)), tuple(_word_grams(plain)), tuple(_concept_grams(plain)))


@lru_cache(maxsize=1)
def _features_of(texts: tuple[str, ...]) -> list[Features]:
    """The features of all training lines, kept because both classifiers look at them twice."""
    return [features.__wrapped__(text) for text in texts]


def _char_grams(plain: str) -> Iterable[str]:
    for run in _CHINESE_RUN.findall(plain):
        padded = f"^{run}$"
        for size in range(1, MAX_CHARS + 1):
            for start in range(len(padded) - size + 1):
                yield padded[start : start + size]
    for word in _LATIN_WORD.findall(plain):
        padded = f"<{word}>"
        for size in (3, 4, 5):
            for start in range(len(padded) - size + 1):
                yield padded[start : start + size]
    if "?" in plain:
        yield "?"


def _word_grams(plain: str) -> Iterable[str]:
    said = ["^", *(w for w in words(plain) if w not in ",.;~"), "$"]
    yield from said[1:-1]
    yield from (f"{a} {b}" for a, b in pairwise(said))


def _concept_grams(plain: str) -> Iterable[str]:
    said = concepts(plain)
    if not said:
        yield "none"
        return
    yield from dict.fromkeys(said)
    yield from (f"{a}>{b}" for a, b in pairwise(["^", *said, "$"]))


_UNKNOWN: Final = 0.1
"""How much an unknown feature counts of the rarest known one in the length of a vector; measured, flat around it."""

KINDS: Final = ("chars", "words", "concepts")


class Featuriser:
    """tf-idf over the kinds of `Features`; each kind has unit length times its weight."""

    def __init__(self, vocabulary: dict[str, int], idf: Array, weights: dict[str, float]) -> None:
        self.vocabulary = vocabulary
        self.idf = idf
        self.weights = weights
        self._rarest = float(idf.max()) if idf.size else 1.0

    @property
    def size(self) -> int:
        return len(self.vocabulary)

    @classmethod
    def fit(cls, texts: Sequence[str], *, min_count: int, weights: dict[str, float]) -> "Featuriser":
        """Learn the vocabulary (features in at least `min_count` texts) and how rare each feature is."""
        seen: Counter[str] = Counter()
        for found in _features_of(tuple(texts)):
            for kind in KINDS:
                seen.update({f"{kind[0]}{name}" for name in getattr(found, kind)})
        kept = sorted(name for name, count in seen.items() if count >= min_count)
        counts = np.array([seen[name] for name in kept], dtype=np.float64)
        idf = np.log((1 + len(texts)) / (1 + counts)) + 1
        return cls({name: index for index, name in enumerate(kept)}, idf.astype(np.float32), weights)

    def vector(self, text: str) -> tuple[Array, Array]:
        """Indices and values of the features of one raw text that the vocabulary knows."""
        return self._vector(features(text))

    def _vector(self, found: Features) -> tuple[Array, Array]:
        indices: list[Array] = []
        values: list[Array] = []
        for kind in KINDS:
            prefix, weight = kind[0], self.weights[kind]
            known: Counter[int] = Counter()
            unknown = set()
            for name in getattr(found, kind):
                index = self.vocabulary.get(prefix + name)
                if index is None:
                    unknown.add(name)
                else:
                    known[index] += 1
            if not known or not weight:
                continue
            at = np.fromiter(known.keys(), dtype=np.int32, count=len(known))
            value = (1 + np.log(np.fromiter(known.values(), dtype=np.float32, count=len(known)))) * self.idf[at]
            indices.append(at)
            # What the vocabulary lacks makes the rest weigh less: one known n-gram in a strange word proves little.
            length = np.sqrt(value @ value + _UNKNOWN * len(unknown) * self._rarest**2)
            values.append((value * (weight / length)).astype(np.float32))
        if not indices:
            return np.empty(0, dtype=np.int32), np.empty(0, dtype=np.float32)
        return np.concatenate(indices), np.concatenate(values)

    def matrix(self, texts: Sequence[str]) -> csr_matrix:
        """The vectors of many texts, one a row."""
        rows = [self._vector(found) for found in _features_of(tuple(texts))]
        ends = np.cumsum([0, *(len(indices) for indices, _ in rows)])
        columns = np.concatenate([indices for indices, _ in rows]) if rows else np.empty(0, dtype=np.int32)
        data = np.concatenate([values for _, values in rows]) if rows else np.empty(0, dtype=np.float32)
        return csr_matrix((data, columns, ends), shape=(len(rows), self.size))
