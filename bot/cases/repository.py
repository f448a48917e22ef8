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

    def by_key(self, idempotency_key: str) -> Case | None:
        """The case that was opened with this key."""

    def save(self, case: Case) -> None:
        """Replace the version `case` was made from, one line of the log per version. Raises NotFound;
        StaleVersion if somebody was quicker; Conflict if a line of the log was changed or dropped."""

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
        if known := self.by_key(case.idempotency_key):
            return known
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

    def by_key(self, idempotency_key: str) -> Case | None:
        known = self._keys.get(idempotency_key)
        return self._cases[known] if known else None

    def save(self, case: Case) -> None:
        before = self.get(case.id)
        made_from = case.version - (len(case.events) - len(before.events))
        if case.version <= before.version or made_from < before.version:
            raise StaleVersion(f"case {case.id} is at version {before.version} already")
        if made_from != before.version or case.events[: len(before.events)] != before.events:
            raise Conflict(f"the log of case {case.id} only grows, one line per version")
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
