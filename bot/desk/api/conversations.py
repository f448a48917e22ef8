"""What the dialogue asks the desk for, and a conversation as a script may read it."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Depends, Header, Response
from pydantic import BaseModel, ConfigDict, Field

from bot.conversations import texts, transcript
from bot.desk.api.shapes import CaseJson, PublicOrder, case_json, public_order
from bot.desk.auth import get_desk, require_api_key
from bot.desk.case_texts import cases_texts, opened_texts
from bot.desk.claims import ClaimRequest
from bot.desk.problems import PROBLEMS
from bot.desk.proof import LookupStatus
from bot.desk.services import Desk
from bot.policy.explain import explain
from bot.policy.model import ClaimItem, Decision, GoodsFacts
from bot.storage.cases import cases_seen_by
from bot.words import Author, Language, Mode, Reason, Resolution

router = APIRouter(
    prefix="/api/v1/conversations", tags=["conversations"], dependencies=[Depends(require_api_key)], responses=PROBLEMS
)


class LookupBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    order_number: str = Field(min_length=1, max_length=64)
    phone_tail: str | None = Field(None, max_length=16, description="Last four digits of the order's phone.")


class LookupAnswer(BaseModel):
    """Unknown orders and other people's are answered alike."""

    status: LookupStatus
    order: PublicOrder | None
    tries_left: int


class OrdersAnswer(BaseModel):
    items: list[PublicOrder]


class ClaimBody(BaseModel):
    """What the buyer asks for. No `items`: the whole order."""

    model_config = ConfigDict(extra="forbid")

    order_number: str = Field(min_length=1, max_length=64)
    reason: Reason
    items: list[ClaimItem] = Field([], max_length=100)
    facts: GoodsFacts = GoodsFacts()
    wish: Resolution | None = None

    def request(self) -> ClaimRequest:
        return ClaimRequest(self.order_number, self.reason, tuple(self.items), self.facts, self.wish)


class DecisionAnswer(BaseModel):
    decision: Decision
    texts: dict[Language, str]


class CaseAnswer(BaseModel):
    """`texts`: the case's number, what happens next and by when."""

    case: CaseJson
    texts: dict[Language, str]


class BindBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    case_id: str | None = Field(None, max_length=16, description="Without it: the newest open case.")


class BindAnswer(BaseModel):
    """No `case`: none is open. `bound` files have joined it just now."""

    case: CaseJson | None
    bound: int


class TrackingBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    tracking_number: str = Field(min_length=5, max_length=64, pattern=r"^[A-Za-z0-9-]+$")


class CasesAnswer(BaseModel):
    items: list[CaseJson]
    texts: dict[Language, str]


class HandoffBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=1, max_length=64, pattern=r"^[a-z_]+$")
    turn_id: str = Field("", max_length=32, description="The bot's turn: what it says last is still said.")


class HandoffAnswer(BaseModel):
    mode: Mode
    waiting_before: int
    texts: dict[Language, str]


class UnderstoodReason(BaseModel):
    name: Reason
    confidence: float = Field(ge=0, le=1)


class StateBody(BaseModel):
    """What the bot has understood; only the given fields change."""

    model_config = ConfigDict(extra="forbid")

    language: Language | None = None
    order_number: str | None = Field(None, max_length=64)
    reason: UnderstoodReason | None = None
    wish: Resolution | None = None
    facts: GoodsFacts | None = None


class MessageJson(BaseModel):
    seq: int
    author: Author
    text: str
    buttons: list[dict[str, str]]
    attachments: list[dict[str, Any]]
    at: datetime


class ConversationJson(BaseModel):
    id: str
    channel: str
    mode: Mode
    language: Language
    version: int
    handoff_reason: str
    state: dict[str, Any]
    messages: list[MessageJson]
    cases: list[CaseJson]


@router.post("/{cid}/order-lookup", summary="Find an order and prove whose it is.")
def look_up_order(cid: str, body: LookupBody, desk: Desk = Depends(get_desk)) -> LookupAnswer:
    found = desk.orders.look_up(cid, body.order_number, body.phone_tail)
    order = public_order(found.order) if found.order else None
    return LookupAnswer(status=found.status, order=order, tries_left=found.tries_left)


@router.get("/{cid}/orders", summary="Orders of a buyer who has signed in.")
def list_orders(cid: str, desk: Desk = Depends(get_desk)) -> OrdersAnswer:
    return OrdersAnswer(items=[public_order(order) for order in desk.orders.of_buyer(cid)])


@router.post("/{cid}/decision", summary="What the rules say, without doing anything.")
def decide(cid: str, body: ClaimBody, desk: Desk = Depends(get_desk)) -> DecisionAnswer:
    decided = desk.cases.claims.decide(cid, body.request())
    said = {language: explain(decided.decision, decided.order, language, decided.claim) for language in Language}
    return DecisionAnswer(decision=decided.decision, texts=said)


@router.post("/{cid}/cases", status_code=201, summary="Open a case; the desk decides again.")
def open_case(
    cid: str,
    body: ClaimBody,
    response: Response,
    idempotency_key: str = Header(min_length=1, max_length=128),
    desk: Desk = Depends(get_desk),
) -> CaseAnswer:
    """201 for a new case, 200 when the same key has opened it before."""
    opened = desk.cases.open(cid, body.request(), idempotency_key)
    if not opened.is_new:
        response.status_code = 200
    return CaseAnswer(case=case_json(opened.case), texts=opened_texts(opened.case, desk.packs))


@router.get("/{cid}/cases", summary="Where the cases of this buyer stand.")
def list_cases(cid: str, desk: Desk = Depends(get_desk)) -> CasesAnswer:
    with desk.database.read() as session:
        conversation = transcript.get_conversation(session, cid)
        cases = cases_seen_by(session, conversation)
    return CasesAnswer(items=[case_json(case) for case in cases], texts=cases_texts(cases, desk.packs))


@router.post("/{cid}/evidence/bind", summary="Put pictures that belong to no case beside the buyer's open case.")
def bind_evidence(cid: str, body: BindBody, desk: Desk = Depends(get_desk)) -> BindAnswer:
    bound = desk.buyer_cases.bind_evidence(cid, body.case_id)
    return BindAnswer(case=case_json(bound.case) if bound.case else None, bound=bound.count)


@router.post("/{cid}/cases/{case_id}/withdraw", summary="The buyer takes a case back.")
def withdraw_case(cid: str, case_id: str, desk: Desk = Depends(get_desk)) -> CaseAnswer:
    case = desk.buyer_cases.withdraw(cid, case_id)
    return CaseAnswer(case=case_json(case), texts=cases_texts([case], desk.packs))


@router.post("/{cid}/cases/{case_id}/return-tracking", summary="The buyer has sent the goods back.")
def track_return(cid: str, case_id: str, body: TrackingBody, desk: Desk = Depends(get_desk)) -> CaseAnswer:
    case = desk.buyer_cases.send_back(cid, case_id, body.tracking_number.upper())
    return CaseAnswer(case=case_json(case), texts=cases_texts([case], desk.packs))


@router.post("/{cid}/handoff", summary="Ask for a person.")
def hand_off(cid: str, body: HandoffBody, desk: Desk = Depends(get_desk)) -> HandoffAnswer:
    """Queues the conversation; asking again changes nothing."""
    queued = desk.floor.handoff(cid, body.reason, turn_id=body.turn_id)
    said = texts.with_person() if queued.mode is Mode.HUMAN else texts.queued(queued.waiting_before)
    return HandoffAnswer(mode=queued.mode, waiting_before=queued.waiting_before, texts=said)


@router.patch("/{cid}/state", status_code=204, summary="What the bot has understood.")
def patch_state(cid: str, body: StateBody, desk: Desk = Depends(get_desk)) -> None:
    given = body.model_dump(mode="json", exclude_unset=True)
    with desk.database.write() as session:
        conversation = transcript.get_conversation(session, cid, lock=True)
        language = given.pop("language", None)
        if language is not None:
            conversation.language = language
        conversation.state = conversation.state | given


@router.get("/{cid}", summary="The conversation with its transcript and cases.")
def read_conversation(cid: str, desk: Desk = Depends(get_desk)) -> ConversationJson:
    with desk.database.read() as session:
        conversation = transcript.get_conversation(session, cid)
        cases = cases_seen_by(session, conversation)
        return ConversationJson(
            id=conversation.id,
            channel=conversation.channel,
            mode=Mode(conversation.mode),
            language=Language(conversation.language),
            version=conversation.version,
            handoff_reason=conversation.handoff_reason,
            state=conversation.state,
            messages=[MessageJson.model_validate(transcript.frame(line)) for line in transcript.lines(session, cid)],
            cases=[case_json(case) for case in cases],
        )
