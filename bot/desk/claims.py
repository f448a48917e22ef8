"""What a buyer may claim in a conversation, decided on the order as it is now. Writes nothing."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from bot.cases.money import place
from bot.conversations import transcript
from bot.desk.case_texts import cases_texts
from bot.desk.proof import OrderAccess
from bot.errors import BadInput, Conflict
from bot.orders import Order
from bot.policy.engine import decide
from bot.policy.model import Claim, ClaimItem, Decision, GoodsFacts
from bot.policy.rules import Packs
from bot.storage.cases import SqlCases, unbound_evidence
from bot.storage.engine import Database
from bot.storage.tables import Conversation, Evidence
from bot.words import EvidenceKind, Reason, Resolution

_SCREENSHOT = (EvidenceKind.PHOTO, EvidenceKind.CHAT_RECORD, EvidenceKind.LOGISTICS_RECORD, EvidenceKind.DOCUMENT)
"""A picture may show the goods, a chat, a parcel's way or a paper: what it shows is for a person to see."""


@dataclass(frozen=True, slots=True)
class ClaimRequest:
    """What the dialogue has gathered; evidence is counted by the desk itself."""

    order_number: str
    reason: Reason
    items: tuple[ClaimItem, ...] = ()
    facts: GoodsFacts = field(default_factory=GoodsFacts)
    wish: Resolution | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision with everything it was made of."""

    conversation: Conversation
    order: Order
    claim: Claim
    decision: Decision


class CaseExists(Conflict):
    """These goods are claimed already; `case_id` says where, `texts` how that case stands."""

    code = "case_exists"


class Claims:
    """Decides claims. Blocking: call from a worker thread."""

    def __init__(self, database: Database, orders: OrderAccess, packs: Packs) -> None:
        self._database = database
        self._orders = orders
        self._packs = packs

    def decide(self, conversation_id: str, request: ClaimRequest) -> Decided:
        """What the rules say now. Raises NotAllowed, CaseExists, BadInput."""
        with self._database.read() as session:
            conversation = transcript.get_conversation(session, conversation_id)
            order = self._orders.require(conversation, request.order_number)
            items = check_unclaimed(session, order, request.items, self._packs)
            evidence = unbound_evidence(session, conversation_id)
        claim = Claim(
            reason=request.reason,
            items=items,
            facts=request.facts,
            evidence=kinds_shown(evidence),
            wish=request.wish,
        )
        decision = decide(order, claim, now=datetime.now(UTC), packs=self._packs)
        return Decided(conversation, order, claim, decision)


def kinds_shown(evidence: Iterable[Evidence]) -> tuple[EvidenceKind, ...]:
    """Every kind of evidence these files may be, each once."""
    kinds: dict[EvidenceKind, None] = {}
    for file in evidence:
        kind = EvidenceKind(file.kind)
        kinds |= dict.fromkeys(_SCREENSHOT if kind is EvidenceKind.PHOTO else (kind,))
    return tuple(kinds)


def check_unclaimed(
    session: Session, order: Order, items: tuple[ClaimItem, ...], packs: Packs
) -> tuple[ClaimItem, ...]:
    """The items with their place among the pieces bought, counted here whatever the caller says.

    Raises CaseExists when these goods, or more of them than are left, are in a case that took them.
    """
    bought = {item.sku: item.quantity for item in order.items}
    if unknown := [item.sku for item in items if item.sku not in bought]:
        raise BadInput("the order has no such item", sku=unknown[0])
    wanted = {item.sku: item.quantity for item in items} or bought
    taken: dict[str, list[tuple[int, int]]] = {}
    for case in SqlCases(session).that_took(order.shop, order.number):
        # A case without items is about the whole order.
        for part in case.claim.items or [ClaimItem(sku=sku, quantity=count) for sku, count in bought.items()]:
            taken.setdefault(part.sku, []).append((part.taken_before, part.quantity))
            count = sum(quantity for _, quantity in taken[part.sku])
            if part.sku in wanted and count + wanted[part.sku] > bought.get(part.sku, 0):
                raise CaseExists(
                    "these goods are in a case already",
                    case_id=case.id,
                    state=case.state,
                    texts=cases_texts([case], packs),
                )
    return tuple(
        item.model_copy(update={"taken_before": place(taken.get(item.sku, ()), bought[item.sku], item.quantity)})
        for item in items
    )
