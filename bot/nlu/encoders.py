"""Sentence encoders that come inside packages: RoFormer for Chinese, MiniLM for English.

Both are the optional extra `encoders`. Their packages are never imported (they would import a great deal, and run
code that is not needed): the files are found, their SHA-256 is compared with the one pinned here, and they are read.
Without them `find` gives None and the linear model serves alone.
"""

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, lru_cache
from pathlib import Path
from threading import Lock
from typing import Any, Final

import numpy as np
import structlog
from threadpoolctl import ThreadpoolController

from bot.errors import SetupError
from bot.nlu.encoder_files import FILES, checked, installed
from bot.nlu.features import Array
from bot.nlu.language import HAN
from bot.nlu.minilm import MiniLM
from bot.nlu.normalise import normalise

log = structlog.get_logger()

SIZE: Final = 384
"""Numbers in a vector of either encoder."""

SCRIPTS: Final = ("han", "latin")
"""What tells the encoders apart: a text with a Chinese character, and any other."""

_TOKENS: Final = 64
_BATCH: Final = 32

_HAN = re.compile(f"[{HAN}]")
_LATIN_WORD = re.compile(r"[a-z]{2,}")
# What `normalise` puts for numbers and links does not make an English text Chinese.
_MARKS: Final = {"运单号": "tracking number", "编号": "number", "案号": "case number", "链接": "link"}
_MARK = re.compile("|".join(_MARKS))

_lock = Lock()


def available() -> bool:
    """Whether the encoders can serve: here, whole, and exactly the files that were pinned."""
    try:
        return find() is not None
    except SetupError:
        return False


def find() -> "Encoders | None":
    """The encoders, loaded once; None if they are not installed. Raises SetupError for a file that was changed."""
    if not installed():
        return None
    with _lock:
        return _load()


def find_or_explain() -> "Encoders | None":
    """Like `find`, but a changed file counts as none; either lack is said in the log once."""
    try:
        found = find()
    except SetupError as error:
        _say(f"{error}: the linear model serves alone")
        return None
    if found is None:
        _say("the sentence encoders are not installed (extra `encoders`): the linear model serves alone")
    return found


@cache
def _say(sentence: str) -> None:
    log.warning("encoders", detail=sentence)


def readable(text: str) -> tuple[str, str]:
    """The script of a raw text (one of `SCRIPTS`) and the text as its encoder reads it."""
    plain = normalise(text)
    if _HAN.search(_MARK.sub("", plain)):
        return "han", plain
    return "latin", _MARK.sub(lambda match: _MARKS[match[0]], plain)


def is_mixed(text: str) -> bool:
    """Whether Chinese and at least two Latin words stand together ("这个 color 不对 want refund")."""
    plain = _MARK.sub("", normalise(text))
    return bool(_HAN.search(plain)) and len(_LATIN_WORD.findall(plain)) >= 2


@cache
def _load() -> "Encoders":
    onnx, han_words, weights, latin_words = (checked(name) for name in FILES)
    return Encoders({"han": _Chinese(onnx, han_words), "latin": _English(weights, latin_words)})


def _tokenizer(vocabulary: Path) -> Any:
    from tokenizers import BertWordPieceTokenizer

    made = BertWordPieceTokenizer(str(vocabulary), lowercase=True)
    made.enable_truncation(_TOKENS)
    return made


class _Chinese:
    """RoFormer-Sim through onnxruntime; one thread and no arena keep it small and its answers the same each time."""

    def __init__(self, model: Path, vocabulary: Path) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        self.tokenizer = _tokenizer(vocabulary)

    def vectors(self, ids: Array) -> Array:
        tokens = ids.astype(np.float32)
        made: Array = self._session.run(None, {"Input-Token": tokens, "Input-Segment": np.zeros_like(tokens)})[0]
        return made


class _English:
    def __init__(self, weights: Path, vocabulary: Path) -> None:
        self._model = MiniLM(weights)
        self._threads = ThreadpoolController()
        self.tokenizer = _tokenizer(vocabulary)

    def vectors(self, ids: Array) -> Array:
        # A message is too short for threads, and those that wait for a busy core cost it ten times its own time.
        with self._threads.limit(limits=1, user_api="blas"):
            return self._model.vectors(ids)


class Encoders:
    """Texts to vectors of length one. Safe to use from several threads."""

    def __init__(self, by_script: dict[str, Any]) -> None:
        self._by_script = by_script
        self.vector = lru_cache(maxsize=32)(self._vector)  # two heads ask for the same message

    def _vector(self, text: str) -> tuple[str, Array]:
        """The script of a raw text, and its vector."""
        script, plain = readable(text)
        return script, self._encode(script, [plain])[0]

    def matrix(self, texts: Sequence[str]) -> tuple[Array, Array]:
        """The index in `SCRIPTS` and the vector of each raw text; the two encoders work side by side."""
        read = [readable(text) for text in texts]
        scripts = np.array([SCRIPTS.index(script) for script, _ in read], dtype=np.int64)
        made = np.zeros((len(texts), SIZE), dtype=np.float32)
        with ThreadPoolExecutor(len(SCRIPTS)) as pool:
            rows = [np.flatnonzero(scripts == index) for index in range(len(SCRIPTS))]
            wanted = [[read[row][1] for row in some] for some in rows]
            for some, vectors in zip(rows, pool.map(self._encode, SCRIPTS, wanted), strict=True):
                made[some] = vectors
        return scripts, made

    def _encode(self, script: str, plain: Sequence[str]) -> Array:
        """Texts of one length go together: nothing is padded, so a text has the same vector in any company."""
        encoder = self._by_script[script]
        ids = [found.ids for found in encoder.tokenizer.encode_batch(list(plain))]
        made = np.zeros((len(ids), SIZE), dtype=np.float32)
        order = sorted(range(len(ids)), key=lambda index: len(ids[index]))
        while order:
            length = len(ids[order[0]])
            batch = [index for index in order[:_BATCH] if len(ids[index]) == length]
            order = order[len(batch) :]
            made[batch] = encoder.vectors(np.array([ids[index] for index in batch], dtype=np.int64))
        made /= np.maximum(np.linalg.norm(made, axis=1, keepdims=True), 1e-9)
        return made
