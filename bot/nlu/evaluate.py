"""How well a model understands a file of labelled messages."""

import json
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from pydantic import BaseModel, ValidationError, field_validator

from bot.errors import BadInput, BadRow
from bot.nlu.parser import Parsed
from bot.words import Intent, Language, Reason


class Understands(Protocol):
    """What is measured: anything that parses a text."""

    def parse(self, text: str, hint: Language | None = None) -> Parsed: ...


class Row(BaseModel):
    """One labelled message; `intent` holds every name that is right."""

    text: str
    language: Language
    intent: list[Intent]
    reason: Reason | None = None

    @field_validator("intent", mode="before")
    @classmethod
    def _one_or_many(cls, value: object) -> object:
        return value if isinstance(value, list) else [value]

    @field_validator("intent")
    @classmethod
    def _not_empty(cls, value: list[Intent]) -> list[Intent]:
        if not value:
            raise ValueError("at least one intent")
        return value


class Scores(BaseModel):
    """`f1` is the mean over the labels that occur; None where there is nothing to measure."""

    lines: int
    accuracy: float | None
    macro_f1: float | None


class Confusion(BaseModel):
    """How often `expected` was taken for `got`."""

    expected: str
    got: str
    count: int


class Slice(BaseModel):
    """The scores of all lines, or of the lines of one language."""

    intents: Scores
    reasons: Scores
    language_accuracy: float | None
    missed_refund_requests: int
    false_refund_requests: int


class Report(Slice):
    """The whole measurement; `p50_ms` is the median time of one parse in milliseconds."""

    languages: dict[Language, Slice]
    confusions: list[Confusion]
    reason_confusions: list[Confusion]
    p50_ms: float


def read_rows(path: Path) -> Iterator[Row]:
    """The rows of a JSON-lines file; empty lines are skipped. Raises BadRow with the line that is wrong."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} cannot be read: {error}") from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield Row.model_validate(json.loads(line))
        except ValidationError as error:
            first = error.errors()[0]
            raise BadRow(f"{'.'.join(map(str, first['loc']))}: {first['msg']}", line=number) from None
        except ValueError as error:
            raise BadRow(f"not JSON: {error}", line=number) from None


class _Answer(BaseModel):
    row: Row
    parsed: Parsed

    @property
    def expected(self) -> str:
        """The label a right answer counts for: the answer itself where several are right."""
        name = self.parsed.intent.name
        return name if name in self.row.intent else self.row.intent[0]

    @property
    def got_reason(self) -> str:
        return self.parsed.reason.name if self.parsed.reason else "none"


def evaluate(path: Path, parser: Understands) -> Report:
    """Parse every line of a file and compare. Raises BadRow for a wrong line, BadInput for an empty file."""
    rows = list(read_rows(path))
    if not rows:
        raise BadInput(f"{path} holds no line")
    parser.parse(rows[0].text)  # the first parse loads what is lazy, and is not a buyer's usual wait
    answers: list[_Answer] = []
    seconds: list[float] = []
    for row in rows:
        started = time.perf_counter()
        parsed = parser.parse(row.text)
        seconds.append(time.perf_counter() - started)
        answers.append(_Answer(row=row, parsed=parsed))
    by_language: dict[Language, list[_Answer]] = defaultdict(list)
    for answer in answers:
        by_language[answer.row.language].append(answer)
    return Report(
        **dict(_slice(answers)),
        languages={language: _slice(some) for language, some in sorted(by_language.items())},
        confusions=_confusions((a.expected, a.parsed.intent.name) for a in answers),
        reason_confusions=_confusions((a.row.reason, a.got_reason) for a in answers if a.row.reason),
        p50_ms=round(statistics.median(seconds) * 1000, 3),
    )


def macro_f1(pairs: Sequence[tuple[str, str]]) -> float | None:
    """Mean F1 of the labels that are expected at least once, from (expected, got) pairs."""
    right = Counter(expected for expected, got in pairs if expected == got)
    expected_count = Counter(expected for expected, _ in pairs)
    got_count = Counter(got for _, got in pairs)
    if not expected_count:
        return None
    scores = [2 * right[label] / (count + got_count[label]) for label, count in expected_count.items()]
    return statistics.fmean(scores)


def _scores(pairs: Sequence[tuple[str, str]]) -> Scores:
    accuracy = statistics.fmean(expected == got for expected, got in pairs) if pairs else None
    return Scores(lines=len(pairs), accuracy=accuracy, macro_f1=macro_f1(pairs))


def _slice(answers: Sequence[_Answer]) -> Slice:
    refund = Intent.REQUEST_REFUND
    return Slice(
        intents=_scores([(a.expected, a.parsed.intent.name) for a in answers]),
        reasons=_scores([(a.row.reason, a.got_reason) for a in answers if a.row.reason]),
        language_accuracy=statistics.fmean(a.parsed.language == a.row.language for a in answers) if answers else None,
        missed_refund_requests=sum(a.expected == refund and a.parsed.intent.name != refund for a in answers),
        false_refund_requests=sum(a.expected != refund and a.parsed.intent.name == refund for a in answers),
    )


def _confusions(pairs: Iterable[tuple[str, str]], top: int = 20) -> list[Confusion]:
    counted = Counter((expected, got) for expected, got in pairs if expected != got)
    return [Confusion(expected=e, got=g, count=count) for (e, g), count in counted.most_common(top)]
