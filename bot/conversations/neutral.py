"""Keeps a buyer's words from being read as a command.

Rasa executes text like `/intent{"entity": "x"}` as if its own code had said it. Only payloads the desk itself
stored may do that; a buyer's text never starts with a slash when it reaches Rasa.
"""

import unicodedata

_SLASHES = frozenset("/／∕⁄⧸╱")
_SKIPPED_CATEGORIES = frozenset({"Cc", "Cf", "Co", "Cn", "Cs", "Zs", "Zl", "Zp", "Mn", "Me"})
"""White space, controls, zero-width and direction marks, and marks that stand on nothing."""

_MAX_UNDERSTOOD = 2_000
"""Characters that are given to the NLU: what a buyer wants stands far before that."""

NOTHING_SAID = "?"
"""Stands for a text that had only characters that were cut."""


def neutralise(text: str) -> str:
    """`text` for Rasa: leading slashes and whatever is invisible before them are cut; the transcript keeps all."""
    start = 0
    while start < len(text) and (text[start] in _SLASHES or unicodedata.category(text[start]) in _SKIPPED_CATEGORIES):
        start += 1
    return text[start : start + _MAX_UNDERSTOOD].rstrip() or NOTHING_SAID
