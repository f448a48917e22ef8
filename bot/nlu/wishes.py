"""The resolution a buyer wishes for, by spaCy's phrase matcher."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import spacy
from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc
from spacy.util import filter_spans
from spacy.vocab import Vocab

from bot.nlu.amounts import Found
from bot.nlu.language import HAN, TO_SIMPLIFIED
from bot.words import Resolution

WISHES = Path(__file__).with_name("wishes.txt")
"""Phrases per resolution, `resolution: phrase | phrase`; a shop may add its own."""

_READ = 2000
"""Characters of a message that are read for a wish."""

# Each Chinese character by itself: a phrase must not depend on how a segmenter cuts the text around it.
_UNIT = re.compile(rf"[{HAN}]|(?:(?![{HAN}])\w)+(?:['’-](?:(?![{HAN}])\w)+)*")

# 我不想要换货, 不用补发; but 要不换货吧 and 能不能换货 ask for it.
_TURNED_DOWN = re.compile(
    r"(?:(?<!要)[不别別没沒]|无需|無需)[想要用是需愿願意]{0,3}(?:给我|給我|再)?\s*$"
    r"|\b(?:don['’]?t|not|no|never|without|instead\s+of|rather\s+than)\s+(?:\w+\s+){0,2}$",
    re.IGNORECASE,
)


def wishes(text: str) -> Iterator[Found]:
    """Wishes named in `text` and not turned down there, longest phrase first where two overlap."""
    vocab, matcher = _matcher()
    doc, spans = _doc(vocab, text[:_READ])
    for hit in filter_spans(matcher(doc, as_spans=True)):
        start, end = spans[hit.start][0], spans[hit.end - 1][1]
        if not _TURNED_DOWN.search(text[max(0, start - 30) : start]):
            yield Found("resolution", hit.label_, start, end)


def _doc(vocab: Vocab, text: str) -> tuple[Doc, list[tuple[int, int]]]:
    spans = [match.span() for match in _UNIT.finditer(text)]
    said = [
        text[start:end].lower().translate(TO_SIMPLIFIED).encode("utf-8", "replace").decode() for start, end in spans
    ]
    return Doc(vocab, words=said), spans


@cache
def _matcher() -> tuple[Vocab, PhraseMatcher]:
    vocab = spacy.blank("xx").vocab
    matcher = PhraseMatcher(vocab)
    for line in WISHES.read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        name, _, rest = line.partition(":")
        matcher.add(Resolution(name.strip()).value, [_doc(vocab, p)[0] for p in rest.split("|")])
    return vocab, matcher
