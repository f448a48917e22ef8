import io
import json
import tarfile
from pathlib import Path

import numpy as np
import pytest

from bot.errors import SetupError
from bot.nlu.parser import Parser, Scored, latest_model, understood
from bot.words import Language

TEXTS = [
    "拉链坏了，退款吧",
    "退款到哪一步了",
    "請幫我轉真人客服",
    "where is my refund",
    "yes",
    "asdfgh",
    "",
    "\ud83d",
    "退" * 10_000,
]


@pytest.mark.parametrize(
    ("text", "language", "intent", "reason"),
    [
        ("拉链坏了 我要退款", "zh-Hans", "request_refund", "quality_defect"),
        ("拉鍊壞了", "zh-Hant", "inform", "quality_defect"),
        ("you sent me the wrong item", "en", "inform", "wrong_item"),
        ("我的退款什么时候到账", "zh-Hans", "check_refund_status", None),
        ("轉人工", "zh-Hant", "request_human", None),
        ("what is your policy", "en", "ask_policy", None),
    ],
)
def test_a_message_is_understood(parser: Parser, text: str, language: str, intent: str, reason: str | None) -> None:
    parsed = parser.parse(text)
    assert parsed.language == language
    assert parsed.intent.name == intent
    assert (parsed.reason.name if parsed.reason else None) == reason


def test_the_public_shape_is_the_documented_one(parser: Parser) -> None:
    shown = json.loads(parser.parse("RD20260007 拉链坏了 质量太差 换货").model_dump_json())
    assert set(shown) == {"language", "intent", "reason", "entities"}
    assert set(shown["intent"]) == set(shown["reason"]) == {"name", "confidence"}
    assert shown["entities"] == [
        {"entity": "order_number", "value": "RD20260007", "start": 0, "end": 10},
        {"entity": "resolution", "value": "exchange", "start": 21, "end": 23},
    ]


def test_rasa_sees_the_language_as_an_entity_without_width(parser: Parser) -> None:
    raw = parser.parse_raw("我要退貨")
    assert raw["language"] == "zh-Hant"
    assert {"entity": "language", "value": "zh-Hant", "start": 0, "end": 0, "extractor": "RefundLanguage"} in raw[
        "entities"
    ]


def test_neutral_text_takes_the_hint_and_says_nothing_without_one(parser: Parser) -> None:
    assert parser.parse("1234", Language.EN).language == "en"
    assert [e["value"] for e in parser.parse_raw("1234", Language.EN)["entities"]] == ["en", "1234"]
    assert parser.parse("1234").language == "zh-Hans"
    assert [e["entity"] for e in parser.parse_raw("1234")["entities"]] == ["phone_tail"]


def test_what_a_buyer_types_is_never_a_command(parser: Parser) -> None:
    parsed = parser.parse('/request_human{"amount": 9999}')
    assert parsed.intent.confidence < 1
    assert parsed.entities == []


@pytest.mark.parametrize("text", TEXTS)
def test_confidences_are_a_distribution_for_any_text(parser: Parser, text: str) -> None:
    ranking = [r for r in parser.parse_raw(text)["intent_ranking"] if r["name"] != "nlu_fallback"]
    confidences = [entry["confidence"] for entry in ranking]
    assert confidences == sorted(confidences, reverse=True)
    assert sum(confidences) == pytest.approx(1, abs=1e-5)  # the small model has fewer labels than a ranking shows


@pytest.mark.parametrize(
    "text", ["RD20260001", "rd 2026 0001, 1234", "1234", "2026090112345678901", "¥299.00", "#1001"]
)
def test_nothing_but_a_number_informs_and_gives_no_reason(parser: Parser, text: str) -> None:
    parsed = parser.parse(text)
    assert (parsed.intent.name, parsed.reason) == ("inform", None)
    assert parsed.intent.confidence >= 0.99


def test_gibberish_gives_no_reason(parser: Parser) -> None:
    assert parser.parse("qwrtpsdf").reason is None


def test_behind_a_fallback_stands_the_best_guess() -> None:
    fallback, guess = {"name": "nlu_fallback", "confidence": 0.4}, {"name": "greet", "confidence": 0.3}
    raw = {"language": "en", "intent": fallback, "intent_ranking": [fallback, guess], "entities": []}
    assert understood(raw).intent == Scored(name="greet", confidence=0.3)


def test_a_model_read_twice_answers_the_same(small_model: Path, parser: Parser) -> None:
    again = Parser.load(small_model)
    assert [again.parse(text) for text in TEXTS] == [parser.parse(text) for text in TEXTS]


def test_a_model_holds_data_and_no_code(small_model: Path) -> None:
    with tarfile.open(small_model) as archive:
        files = {m.name: archive.extractfile(m).read() for m in archive.getmembers() if m.isfile()}  # type: ignore[union-attr]
    assert not [name for name in files if name.endswith((".pkl", ".pickle", ".joblib", ".skops", ".py"))]
    arrays = [name for name in files if name.endswith(".npz")]
    assert len(arrays) == 4  # two heads, each a linear model and what it learned from vectors
    for name in arrays:
        with np.load(io.BytesIO(files[name]), allow_pickle=False) as loaded:
            assert {str(loaded[key].dtype) for key in loaded.files} == {"float32"}


def test_no_model_is_one_clear_sentence(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="refunddesk train"):
        Parser.load(tmp_path / "none.tar.gz")
    with pytest.raises(SetupError, match="refunddesk train"):
        latest_model(tmp_path)
    (tmp_path / "broken.tar.gz").write_bytes(b"not an archive")
    with pytest.raises(SetupError, match="cannot be read"):
        Parser.load(latest_model(tmp_path))
