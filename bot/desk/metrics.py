"""Numbers for Prometheus: counts only, nothing about a buyer."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from sqlalchemy import func, select

from bot.storage.engine import Database
from bot.storage.tables import CaseRow, Conversation, Inbox, Outbox
from bot.words import CaseState, Mode

_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """One registry per app, so that two apps in a process do not count for each other."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._registry = CollectorRegistry()
        self._turns = Counter("refunddesk_turns", "Turns of the bot.", ["outcome"], registry=self._registry)
        self._failures = Counter("refunddesk_turn_failures", "Turns the bot failed.", registry=self._registry)
        self._seconds = Histogram(
            "refunddesk_turn_seconds", "Seconds of a turn.", buckets=_SECONDS, registry=self._registry
        )
        self._conversations = Gauge(
            "refunddesk_conversations", "Conversations by mode.", ["mode"], registry=self._registry
        )
        self._queue = Gauge("refunddesk_queue", "Buyers who wait for a person.", registry=self._registry)
        self._inbox = Gauge("refunddesk_inbox", "Messages not answered yet.", registry=self._registry)
        self._outbox = Gauge("refunddesk_outbox", "Lines to send.", ["status"], registry=self._registry)
        self._cases = Gauge("refunddesk_cases", "Cases by state.", ["state"], registry=self._registry)

    def observe_turn(self, outcome: str, seconds: float) -> None:
        """Count one turn."""
        self._turns.labels(outcome).inc()
        self._seconds.observe(seconds)
        if outcome == "failed":
            self._failures.inc()

    def render(self) -> bytes:
        """The text format; blocking, reads the database."""
        with self._database.read() as session:
            modes = dict(session.execute(select(Conversation.mode, func.count()).group_by(Conversation.mode)).all())
            cases = dict(session.execute(select(CaseRow.state, func.count()).group_by(CaseRow.state)).all())
            outbox = dict(session.execute(select(Outbox.status, func.count()).group_by(Outbox.status)).all())
            waiting = session.scalar(select(func.count()).where(Inbox.status.in_(("received", "running"))))
        for mode in Mode:
            self._conversations.labels(mode.value).set(modes.get(mode.value, 0))
        for state in CaseState:
            self._cases.labels(state.value).set(cases.get(state.value, 0))
        for status in ("pending", "failed"):
            self._outbox.labels(status).set(outbox.get(status, 0))
        self._queue.set(modes.get(Mode.QUEUED.value, 0))
        self._inbox.set(waiting or 0)
        return generate_latest(self._registry)
