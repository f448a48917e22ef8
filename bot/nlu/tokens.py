"""Tokens whose offsets are true for any string.

Rasa's own JiebaTokenizer gives space tokens and cuts an order number into pieces. Here Chinese runs go to
jieba, everything else to one regular expression: `text[start:end]` is the token, and no token is a space.
"""

import logging
import re
import warnings
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.language import HAN, TO_SIMPLIFIED

USER_WORDS = Path(__file__).with_name("user_words.txt")
"""Words of the trade that jieba's dictionary would cut, one a line, in Simplified Chinese."""

with warnings.catch_warnings():
    # jieba 0.42 is the last one and still imports pkg_resources: not news to whoever runs this.
    warnings.filterwarnings("ignore", message="pkg_resources is deprecated")
    import jieba

_PIECE = re.compile(
    rf"(?P<han>[{HAN}]+)"
    # An order number, an amount or a date stays one piece: RD-2026/0001, #1001, 1,280.50.
    r"|\#?(?:[A-Za-z]{1,6}[-_]?)?\d[0-9A-Za-z]*(?:[-/.,:_][0-9A-Za-z]*\d[0-9A-Za-z]*)*"
    rf"|(?:(?![{HAN}\d_])\w)+(?:['’](?:(?![{HAN}\d_])\w)+)*"
    r"|\S"
)


@cache
def segmenter() -> jieba.Tokenizer:
    """jieba with the trade's words, loaded once.

    The dictionary is read from the package each time (under a second): jieba's own cache is a marshal file at
    a guessable place in the shared temporary folder, which anybody on the machine could have written.
    """
    jieba.setLogLevel(logging.WARNING)
    made = jieba.Tokenizer()
    made.FREQ, made.total = made.gen_pfdict(made.get_dict_file())
    made.initialized = True
    for word in USER_WORDS.read_text(encoding="utf-8").split():
        made.add_word(word)
    return made


def spans(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each token of `text`, in order."""
    for match in _PIECE.finditer(text):
        if match["han"] is None:
            yield match.span()
            continue
        start = match.start()
        # The dictionary is Simplified; the map is one to one, so lengths and offsets stay.
        for word in segmenter().cut(match["han"].translate(TO_SIMPLIFIED)):
            yield start, start + len(word)
            start += len(word)


def words(text: str) -> list[str]:
    """The tokens of `text` as strings."""
    return [text[start:end] for start, end in spans(text)]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class RefundTokens(Tokenizer):  # type: ignore[misc, unused-ignore]  # Rasa has no types
    """Rasa's tokenizer over `spans`."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {
            "intent_tokenization_flag": False,
            "intent_split_symbol": "_",
            "token_pattern": None,
            "prefix_separator_symbol": None,
        }

    @staticmethod
    def supported_languages() -> list[str] | None:
        return None

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "RefundTokens":
        segmenter()  # load now, not in the first buyer's turn
        return cls(config)

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        text = message.get(attribute)
        return [Token(text[start:end], start, end) for start, end in spans(text)]
