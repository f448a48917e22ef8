"""Whose order is it? A buyer sees an order by a signed identity, or by its number and its phone's last four digits.

Unknown numbers and other people's orders are answered alike, so nobody learns which numbers exist.
"""

import hmac
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.backends.base import ShopBackend
from bot.conversations import transcript
from bot.errors import NotAllowed
from bot.orders import Order
from bot.storage.engine import Database
from bot.storage.orders import number_key
from bot.storage.tables import Audit, Conversation

MAX_FAILURES_PER_ORDER = 30
"""Wrong tails for one number in a day, over all conversations: 10 000 tails are not tried in a year."""

_FAILURES_COUNT_FOR = timedelta(days=1)
MAX_LISTED = 5


class LookupStatus(StrEnum):
    FOUND = "found"
    NEED_PHONE_TAIL = "need_phone_tail"
    NOT_FOUND = "not_found"
    LOCKED = "locked"


@dataclass(frozen=True, slots=True)
class Lookup:
    """`order` only with FOUND."""

    status: LookupStatus
    order: Order | None
    tries_left: int


class OrderAccess:
    """Finds orders for conversations. Blocking: call from a worker thread."""

    def __init__(self, database: Database, backend: ShopBackend, *, tries: int) -> None:
        self._database = database
        self._backend = backend
        self._tries = tries

    def look_up(self, conversation_id: str, number: str, phone_tail: str | None) -> Lookup:
        """The order, if this conversation may see it; a right tail opens it for the rest of the conversation."""
        with self._database.read() as session:
            conversation = transcript.get_conversation(session, conversation_id)
        order = self._backend.get_order(conversation.shop, number)
        left = max(0, self._tries - conversation.failed_proofs)
        if order is not None and may_see(conversation, order):
            return Lookup(LookupStatus.FOUND, order, left)
        if left == 0:
            return Lookup(LookupStatus.LOCKED, None, 0)
        tail = _four_digits(phone_tail)
        if tail is None:
            return Lookup(LookupStatus.NEED_PHONE_TAIL, None, left)
        with self._database.write() as session:
            return self._prove(session, conversation_id, number_key(number), order, tail)

    def _prove(self, session: Session, conversation_id: str, key: str, order: Order | None, tail: str) -> Lookup:
        conversation = transcript.get_conversation(session, conversation_id, lock=True)
        left = max(0, self._tries - conversation.failed_proofs)
        now = datetime.now(UTC)
        subject = f"order:{key}"[:128]
        if left == 0 or _failures(session, subject, now - _FAILURES_COUNT_FOR) >= MAX_FAILURES_PER_ORDER:
            return Lookup(LookupStatus.LOCKED, None, 0)
        known = order.buyer.phone_tail if order else ""
        is_right = hmac.compare_digest(known.encode(), tail.encode())
        action = "order_proved" if is_right else "proof_failed"
        detail = {"conversation": conversation_id}
        session.add(Audit(at=now, actor="buyer", action=action, subject=subject, detail=detail))
        if order is not None and is_right:
            conversation.proved_orders = [*conversation.proved_orders, key]
            return Lookup(LookupStatus.FOUND, order, left)
        conversation.failed_proofs += 1
        left -= 1
        return Lookup(LookupStatus.NOT_FOUND if left else LookupStatus.LOCKED, None, left)

    def of_buyer(self, conversation_id: str) -> list[Order]:
        """The verified buyer's orders, newest first; nothing for somebody who has not signed in."""
        with self._database.read() as session:
            conversation = transcript.get_conversation(session, conversation_id)
        if conversation.buyer_id is None:
            return []
        return self._backend.orders_of(conversation.shop, conversation.buyer_id, MAX_LISTED)

    def require(self, conversation: Conversation, number: str) -> Order:
        """The order as it is now; raises NotAllowed alike for one that is not there and one that is not theirs."""
        order = self._backend.get_order(conversation.shop, number)
        if order is None or not may_see(conversation, order):
            raise NotAllowed("the order was not proved in this conversation")
        return order


def may_see(conversation: Conversation, order: Order) -> bool:
    """Signed in as its buyer, or proved in this conversation."""
    is_buyers = conversation.buyer_id is not None and conversation.buyer_id == order.buyer.id
    return is_buyers or number_key(order.number) in conversation.proved_orders


def _four_digits(tail: str | None) -> str | None:
    digits = unicodedata.normalize("NFKC", tail or "").strip()
    return digits if len(digits) == 4 and digits.isascii() and digits.isdigit() else None


def _failures(session: Session, subject: str, since: datetime) -> int:
    query = select(func.count()).where(Audit.subject == subject, Audit.action == "proof_failed", Audit.at > since)
    return session.scalar(query) or 0
