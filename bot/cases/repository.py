"""Where cases are kept. The port and its in-memory form; the database's lies with the desk."""

from typing import Protocol

from bot.cases.model import Case
from bot.errors import Conflict, NotFound, StaleVersion
from bot.words import CaseState


class CaseRepository(Protocol):
    def add(self, case: Case) -> Case:
        """Keep a new case. A case with the same idempotency key is returned in its place."""

    def get(self, case_id: str) -> Case:
        """Raises NotFound."""

    def save(self, case: Case) -> None:
        """Replace the version before `case`'s own. Raises NotFound; StaleVersion if somebody was quicker;
        Conflict if a line of the log was changed or dropped."""

    def find(
        self, *, order_number: str | None = None, buyer_id: str | None = None, state: CaseState | None = None
    ) -> tuple[Case, ...]:
        """The cases that fit all that is given, newest first."""


class InMemoryCases:
    """Cases of one process; they end with it."""

    def __init__(self) -> None:
        self._cases: dict[str, Case] = {}
        self._keys: dict[str, str] = {}

    def add(self, case: Case) -> Case:
        if known := self._keys.get(case.idempotency_key):
            return self._cases[known]
        if case.id in self._cases:
            raise Conflict(f"case {case.id} is there already")
        self._cases[case.id] = case
        self._keys[case.idempotency_key] = case.id
        return case

    def get(self, case_id: str) -> Case:
        try:
            return self._cases[case_id]
        except KeyError:
            raise NotFound(f"no case {case_id}") from None

    def save(self, case: Case) -> None:
        before = self.get(case.id)
        if case.version != before.version + 1:
            raise StaleVersion(f"case {case.id} is at version {before.version}, not {case.version - 1}")
        if case.events[: len(before.events)] != before.events or len(case.events) <= len(before.events):
            raise Conflict(f"the log of case {case.id} only grows")
        self._cases[case.id] = case

    def find(
        self, *, order_number: str | None = None, buyer_id: str | None = None, state: CaseState | None = None
    ) -> tuple[Case, ...]:
        fits = [
            case
            for case in self._cases.values()
            if order_number in (None, case.order_number)
            and buyer_id in (None, case.buyer_id)
            and state in (None, case.state)
        ]
        return tuple(sorted(fits, key=lambda case: case.created_at, reverse=True))
