"""all-MiniLM-L6-v2 (Apache-2.0) in plain numpy, straight from its safetensors file.

A BERT of six layers with mean pooling. The file is mapped, not copied: a page that is not needed, as most of the
word table, takes no memory.
"""

import json
from pathlib import Path
from typing import Final

import numpy as np
from scipy.special import erf

from bot.errors import SetupError
from bot.nlu.features import Array

_LAYERS: Final = 6
_HEADS: Final = 12
_TINY: Final = 1e-12


class MiniLM:
    """Token numbers to one vector a text, 384 numbers."""

    def __init__(self, path: Path) -> None:
        self._weights = _mapped(path)

    def vectors(self, ids: Array) -> Array:
        """The vectors of texts of one length; `ids` is (texts, tokens)."""
        count, length = ids.shape
        weights = self._weights
        words = weights["embeddings.word_embeddings.weight"][ids]
        places = weights["embeddings.position_embeddings.weight"][:length]
        sums = (words + places + weights["embeddings.token_type_embeddings.weight"][0]).reshape(count * length, -1)
        states = self._evened("embeddings.LayerNorm", sums)
        for layer in range(_LAYERS):
            name = f"encoder.layer.{layer}"
            seen = self._attention(f"{name}.attention.self", states, count, length)
            states = self._evened(
                f"{name}.attention.output.LayerNorm", states + self._linear(f"{name}.attention.output.dense", seen)
            )
            wide = self._linear(f"{name}.intermediate.dense", states)
            wide *= np.float32(0.5) * (1 + erf(wide * np.float32(np.sqrt(0.5))))
            states = self._evened(f"{name}.output.LayerNorm", states + self._linear(f"{name}.output.dense", wide))
        mean: Array = states.reshape(count, length, -1).mean(axis=1)
        return mean

    def _linear(self, name: str, states: Array) -> Array:
        made: Array = states @ self._weights[f"{name}.weight"].T
        made += self._weights[f"{name}.bias"]
        return made

    def _evened(self, name: str, states: Array) -> Array:
        states = states - states.mean(axis=-1, keepdims=True)
        states /= np.sqrt((states * states).mean(axis=-1, keepdims=True) + _TINY)
        states *= self._weights[f"{name}.weight"]
        states += self._weights[f"{name}.bias"]
        return states

    def _attention(self, name: str, states: Array, count: int, length: int) -> Array:
        query, key, value = (
            self._linear(f"{name}.{part}", states).reshape(count, length, _HEADS, -1).transpose(0, 2, 1, 3)
            for part in ("query", "key", "value")
        )
        scores = query @ key.transpose(0, 1, 3, 2) * np.float32(1 / np.sqrt(query.shape[-1]))
        scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
        scores /= scores.sum(axis=-1, keepdims=True)
        seen: Array = (scores @ value).transpose(0, 2, 1, 3).reshape(count * length, -1)
        return seen


def _mapped(path: Path) -> dict[str, Array]:
    """The float32 arrays of a safetensors file: eight bytes of length, JSON that says what lies where, the numbers."""
    raw = np.memmap(path, dtype=np.uint8, mode="r")
    start = 8 + int.from_bytes(raw[:8].tobytes(), "little")
    if start > raw.size:
        raise SetupError(f"{path.name} is not a safetensors file")
    table = json.loads(raw[8:start].tobytes())
    return {
        name.removeprefix("bert."): np.asarray(raw[start + told["data_offsets"][0] : start + told["data_offsets"][1]])
        .view(np.float32)
        .reshape(told["shape"])
        for name, told in table.items()
        if told.get("dtype") == "F32"
    }
