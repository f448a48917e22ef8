"""What an agent can do, and how a refusal is explained."""

from collections.abc import Awaitable, Callable
from decimal import Decimal, InvalidOperation

from anyio import to_thread

from bot.conversations.floor import MAX_AGENT_TEXT
from bot.desk.console import queries
from bot.desk.console.auth import LoggedIn
from bot.desk.console.words import Words
from bot.desk.services import Desk
from bot.errors import BadInput, Conflict, NotFound, RefundDeskError
from bot.policy.formats import money_text
from bot.storage.tables import CaseRow, Conversation
from bot.words import Mode, Resolution

Do = Callable[[], Awaitable[None]]

FLOOR_VERBS = frozenset({"claim", "handback", "release", "close"})
CASE_VERBS = frozenset({"approve", "refuse", "pay"})
NOTICES = FLOOR_VERBS | CASE_VERBS

MAX_WHY = 1_000
"""Characters of a reason; as much as a case keeps."""

MONEY = frozenset(
    {Resolution.REFUND_ONLY, Resolution.RETURN_AND_REFUND, Resolution.PARTIAL_REFUND, Resolution.PRICE_ADJUSTMENT}
)
"""Solutions that pay something back."""

_NO_DECIMALS = frozenset({"JPY", "KRW"})
"""ISO 4217: currencies without a minor unit."""


class WhyMissing(BadInput):
    """A refusal without words for the buyer."""

    code = "why_missing"


class AmountWrong(BadInput):
    """An amount that is no amount, or none where one is needed."""

    code = "amount_wrong"


class TooMuch(Conflict):
    """More than what was paid and is not yet refunded; carries what is left."""

    code = "too_much"


async def move_floor(desk: Desk, me: LoggedIn, conversation_id: str, verb: str, version: str) -> None:
    """Claim, hand back, release or close. Raises Conflict when somebody was quicker."""
    seen = int(version) if version.isdigit() else None
    if verb == "claim":
        await to_thread.run_sync(lambda: desk.floor.claim(conversation_id, me.agent_id, version=seen))
    elif verb == "handback":
        await desk.floor.hand_back(conversation_id, me.agent_id)
    elif verb == "release":
        await to_thread.run_sync(desk.floor.release, conversation_id, me.agent_id)
    else:
        await to_thread.run_sync(desk.floor.close, conversation_id, me.agent_id)


async def decide_case(
    desk: Desk,
    me: LoggedIn,
    conversation_id: str,
    case_id: str,
    verb: str,
    *,
    why: str,
    version: str,
    amount: str,
    resolution: str,
) -> None:
    """Approve, refuse, or let the money of a return go. Raises NotFound for a case that is not this buyer's."""
    why = why.strip()
    if verb == "refuse" and not why:
        raise WhyMissing("a refusal needs a reason")
    if len(why) > MAX_WHY:
        raise BadInput(f"the reason is longer than {MAX_WHY} characters", field="why")
    seen = int(version) if version.isdigit() else None

    def do() -> None:
        with desk.database.read() as session:
            case = queries.find_case(session, conversation_id, case_id)
            conversation = session.get(Conversation, conversation_id)
        if case is None or conversation is None:
            raise NotFound("no such case in this conversation")
        if conversation.mode == Mode.HUMAN and conversation.agent_id != me.agent_id:
            raise Conflict("another agent has this conversation")
        note = why or f"{verb} in the console"
        if verb == "refuse":
            desk.cases.reject(case_id, me.agent_id, note, version=seen)
        elif verb == "pay":
            desk.cases.pay_return(case_id, me.agent_id, note, version=seen)
        else:
            chosen = Resolution(resolution) if resolution in set(Resolution) else None
            paid = minor_units(amount, case.currency) if amount.strip() else None
            if (chosen or case.resolution) in MONEY:
                _check_amount(desk, case, paid)
            else:
                paid = 0  # goods or work, no money: what stood in the amount field means nothing
            desk.cases.approve(case_id, me.agent_id, note, version=seen, amount=paid, resolution=chosen)

    await to_thread.run_sync(do)


def _check_amount(desk: Desk, case: CaseRow, paid: int | None) -> None:
    """An early answer in words; the case itself is checked again when it is approved."""
    wanted = case.amount if paid is None else paid
    if wanted <= 0:
        raise AmountWrong("the rules proposed no amount", field="amount")
    order = desk.backend.get_order(case.shop, case.order_number)
    if order is not None and wanted > order.refundable:
        raise TooMuch("more than what is left to refund", refundable=order.refundable, currency=order.currency)


def minor_units(text: str, currency: str) -> int:
    """What an agent typed ("1,280", "12.50") in minor units; raises AmountWrong for anything that is not exact."""
    try:
        value = Decimal(text.strip().replace(",", "").replace("，", ""))
    except InvalidOperation:
        raise AmountWrong("the amount is not a number", field="amount") from None
    scaled = value * (1 if currency in _NO_DECIMALS else 100) if value.is_finite() else Decimal(0)
    if scaled <= 0 or scaled != scaled.to_integral_value() or scaled > 10**12:
        raise AmountWrong("the amount is not above zero and exact to the minor unit", field="amount")
    return int(scaled)


def major_units(case: CaseRow) -> str:
    """The case's amount as the form shows it; empty when the rules proposed none."""
    if case.amount <= 0:
        return ""
    return str(case.amount) if case.currency in _NO_DECIMALS else f"{Decimal(case.amount) / 100:.2f}"


def explain(desk: Desk, w: Words, error: RefundDeskError, conversation_id: str) -> str:
    """What went wrong and what to do next, in the agent's language; a lost race names who has the conversation."""
    if isinstance(error, WhyMissing):
        return w("error_why")
    if isinstance(error, AmountWrong):
        return w("error_amount")
    if isinstance(error, TooMuch):
        left = money_text(int(str(error.fields["refundable"])), str(error.fields["currency"]), w.language)
        return w("error_too_much", left=left)
    if isinstance(error, BadInput):
        return w("error_long", n=MAX_AGENT_TEXT) if "longer" in error.detail else w("error_empty")
    if isinstance(error, NotFound):
        return w("error_not_found_case")
    if isinstance(error, Conflict):
        holder = _holder(desk, conversation_id)
        return f"{w('held_by', name=holder)} {w('held_by_next')}" if holder else w("error_conflict")
    return w("error_other")


def _holder(desk: Desk, conversation_id: str) -> str:
    with desk.database.read() as session:
        conversation = session.get(Conversation, conversation_id)
        if conversation is None or conversation.mode != Mode.HUMAN:
            return ""
        return queries.conversation_page(session, conversation_id).agent_name
