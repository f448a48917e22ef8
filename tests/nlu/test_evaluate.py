from pathlib import Path

import pytest

from bot.errors import BadInput, BadRow
from bot.nlu.evaluate import evaluate, macro_f1, read_rows
from bot.nlu.parser import Parsed, Scored
from bot.words import Language


class Canned:
    """Understands by table: text → (language, intent, reason)."""

    def __init__(self, answers: dict[str, tuple[str, str, str | None]]) -> None:
        self.answers = answers

    def parse(self, text: str, hint: Language | None = None) -> Parsed:
        language, intent, reason = self.answers[text]
        return Parsed(
            language=Language(language),
            intent=Scored(name=intent, confidence=0.9),
            reason=Scored(name=reason, confidence=0.8) if reason else None,
            entities=[],
        )


def file(folder: Path, *lines: str) -> Path:
    path = folder / "rows.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_every_number_of_a_report_is_exact(tmp_path: Path) -> None:
    path = file(
        tmp_path,
        '{"text": "a", "language": "en", "intent": "request_refund", "reason": "wrong_item"}',
        '{"text": "b", "language": "en", "intent": ["ask_policy", "request_refund"]}',
        "",
        '{"text": "c", "language": "zh-Hans", "intent": "greet", "reason": "size_mismatch"}',
        '{"text": "d", "language": "zh-Hans", "intent": ["request_refund"]}',
    )
    parser = Canned(
        {
            "a": ("en", "request_refund", "wrong_item"),
            "b": ("en", "request_refund", None),
            "c": ("zh-Hans", "request_refund", None),
            "d": ("zh-Hant", "inform", None),
        }
    )
    report = evaluate(path, parser)
    assert (report.intents.lines, report.intents.accuracy) == (4, 0.5)
    assert report.intents.macro_f1 == pytest.approx((2 * 2 / (3 + 3) + 0) / 2)
    assert (report.reasons.lines, report.reasons.accuracy, report.reasons.macro_f1) == (2, 0.5, 0.5)
    assert report.language_accuracy == 0.75
    assert (report.missed_refund_requests, report.false_refund_requests) == (1, 1)
    assert {language: part.intents.accuracy for language, part in report.languages.items()} == {
        "en": 1.0,
        "zh-Hans": 0.0,
    }
    assert [(c.expected, c.got, c.count) for c in report.confusions] == [
        ("greet", "request_refund", 1),
        ("request_refund", "inform", 1),
    ]
    assert [(c.expected, c.got, c.count) for c in report.reason_confusions] == [("size_mismatch", "none", 1)]
    assert report.p50_ms >= 0


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", "not JSON"),
        ('{"text": "a", "language": "fr", "intent": "greet"}', "language"),
        ('{"text": "a", "language": "en", "intent": "refund_me"}', "intent"),
        ('{"text": "a", "language": "en", "intent": []}', "at least one intent"),
        ('{"text": "a", "language": "en", "intent": "greet", "reason": "bad"}', "reason"),
        ('{"language": "en", "intent": "greet"}', "text"),
        ("[]", "dictionary"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, line: str, says: str) -> None:
    path = file(tmp_path, '{"text": "a", "language": "en", "intent": "greet"}', "", line)
    with pytest.raises(BadRow, match=says) as raised:
        list(read_rows(path))
    assert raised.value.line == 3


def test_nothing_to_measure_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no line"):
        evaluate(file(tmp_path, ""), Canned({}))
    with pytest.raises(BadInput, match="cannot be read"):
        evaluate(tmp_path / "none.jsonl", Canned({}))


def test_macro_f1_is_the_mean_over_expected_labels() -> None:
    assert macro_f1([("a", "a"), ("a", "b"), ("b", "b")]) == pytest.approx((2 / 3 + 2 / 3) / 2)
    assert macro_f1([]) is None
