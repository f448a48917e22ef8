"""What the training data must be: every word of the field, only those, and no line said twice."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterator

import numpy as np
import pytest
import yaml
from scipy.sparse import csr_matrix

from bot.settings import ROOT
from bot.words import Intent, Reason

DATA = ROOT / "data" / "nlu"
NEAR = 0.9
"""Cosine of character n-gram counts from which two lines say the same in the same words."""

ALLOWED_SHARE = 0.02


def lines() -> Iterator[tuple[str, str, str | None, str]]:
    """File, intent, reason and text of every training line."""
    for path in sorted(DATA.rglob("*.yml")):
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            reason = (block.get("metadata") or {}).get("reason")
            for line in block["examples"].splitlines():
                yield path.relative_to(DATA).as_posix(), block["intent"], reason, line.strip().removeprefix("- ")


LINES = list(lines())


def test_every_intent_and_every_reason_has_a_file() -> None:
    assert {path.stem for path in (DATA / "intents").glob("*.yml")} == {*Intent}
    assert {path.stem for path in (DATA / "reasons").glob("*.yml")} == {*Reason}


def test_only_known_names_are_used_and_each_in_its_own_file() -> None:
    for file, intent, reason, text in LINES:
        kind, stem = file.removesuffix(".yml").split("/")
        assert intent in {*Intent}, (file, text)
        assert stem == (intent if kind == "intents" else reason), (file, text)
        assert (reason is None) == (kind == "intents"), (file, text)


def test_no_line_is_empty_or_marks_entities() -> None:
    assert [entry for entry in LINES if not entry[3] or "](" in entry[3]] == []


def test_no_line_stands_under_two_labels() -> None:
    labels: dict[str, set[tuple[str, str | None]]] = defaultdict(set)
    for _, intent, reason, text in LINES:
        labels[text].add((intent, reason))
    assert {text: found for text, found in labels.items() if len(found) > 1} == {}


@pytest.mark.parametrize("intent", list(Intent))
def test_hardly_a_line_repeats_another_of_its_intent(intent: Intent) -> None:
    texts = [unicodedata.normalize("NFKC", text).lower() for _, name, _, text in LINES if name == intent]
    matrix = _ngram_vectors(texts)
    similar = (matrix @ matrix.T).tocoo()
    repeats = {int(later) for later, earlier, value in zip(similar.row, similar.col, similar.data, strict=True)
               if earlier < later and value > NEAR}  # fmt: skip
    assert len(repeats) <= ALLOWED_SHARE * len(texts), sorted(texts[i] for i in repeats)


def _ngram_vectors(texts: list[str]) -> csr_matrix:
    vocabulary: dict[str, int] = {}
    rows, columns = [], []
    for row, text in enumerate(texts):
        padded = f"^{text}$"
        for size in (1, 2, 3):
            for start in range(len(padded) - size + 1):
                rows.append(row)
                columns.append(vocabulary.setdefault(padded[start : start + size], len(vocabulary)))
    counts = csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(len(texts), len(vocabulary)))
    lengths = np.sqrt(counts.multiply(counts).sum(axis=1))
    return csr_matrix(counts.multiply(1 / lengths))
