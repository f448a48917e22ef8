"""POST a buyer's message, get the answer; GET what an agent wrote meanwhile."""

import asyncio
from collections.abc import Iterable
from datetime import datetime

from anyio import to_thread
from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel

from bot.channels.base import REST, InboundMessage
from bot.channels.rest import RestBody, parse_message
from bot.conversations.outbox import Fetched
from bot.conversations.worker import Outcome
from bot.desk.auth import get_desk, require_api_key
from bot.desk.problems import PROBLEMS
from bot.desk.services import Desk
from bot.errors import NotFound
from bot.storage.tables import Message
from bot.words import Author, Mode

router = APIRouter(
    prefix="/channels/rest", tags=["rest channel"], dependencies=[Depends(require_api_key)], responses=PROBLEMS
)

_ANSWER_WITHIN_S = 15.0
"""After that the caller gets what there is (202) and fetches the rest: proxies cut at 30 s and more."""


class ButtonJson(BaseModel):
    id: str
    title: str


class LineJson(BaseModel):
    text: str
    buttons: list[ButtonJson]


class Answer(BaseModel):
    """What the buyer is to see. Empty while a person has the conversation and has not written yet."""

    conversation_id: str
    mode: Mode
    messages: list[LineJson]


class FetchedLine(LineJson):
    seq: int
    author: Author
    at: datetime


class FetchedAnswer(BaseModel):
    conversation_id: str
    mode: Mode
    messages: list[FetchedLine]


@router.post(
    "/messages",
    summary="A buyer says something.",
    responses={202: {"model": Answer, "description": "Stored; the answer is not complete yet."}},
)
async def post_message(body: RestBody, response: Response, desk: Desk = Depends(get_desk)) -> Answer:
    """Stored before anything else happens; answered when the bot's turn is over.

    The same `message_id` again returns the first answer. Of several messages merged into one turn, the last one
    carries the answer.
    """
    settings = desk.settings

    def parse() -> InboundMessage:
        return parse_message(
            body,
            identity_secret=settings.identity_secret,
            shop=settings.shop,
            max_bytes=settings.upload_max_bytes,
        )

    # Files are decoded and looked at: not on the event loop.
    message = await to_thread.run_sync(parse) if body.attachments else parse()
    accepted = await desk.inbox.accept(message)
    cid = accepted.conversation_id
    waiting = asyncio.ensure_future(desk.workers.outcome(accepted.inbox_id, _ANSWER_WITHIN_S))
    if accepted.duplicate and await to_thread.run_sync(desk.pull.is_done, accepted.inbox_id):
        waiting.cancel()
        fetched = await to_thread.run_sync(desk.pull.replay, cid, accepted.inbox_id)
        return Answer(conversation_id=cid, mode=fetched.mode, messages=_lines(fetched.messages))
    outcome = await waiting
    if outcome is None:
        response.status_code = 202
    if outcome is Outcome.MERGED:
        fetched = await to_thread.run_sync(desk.pull.peek, cid)
    else:
        fetched = await to_thread.run_sync(desk.pull.collect, cid, accepted.inbox_id)
    return Answer(conversation_id=cid, mode=fetched.mode, messages=_lines(fetched.messages))


@router.get("/messages", summary="What was said since.")
def get_messages(
    sender: str = Query(min_length=1, max_length=128),
    after: int | None = Query(None, ge=0, description="Last `seq` seen; without it: what was not delivered yet."),
    desk: Desk = Depends(get_desk),
) -> FetchedAnswer:
    """Lines of bot, agents and desk; they count as delivered from now on."""
    fetched: Fetched | None = desk.pull.fetch(channel=REST, sender=sender, after=after)
    if fetched is None:
        raise NotFound("no conversation of this sender")
    lines = [
        FetchedLine(
            seq=m.seq, author=Author(m.author), at=m.created_at, text=m.text, buttons=[_button(b) for b in m.buttons]
        )
        for m in fetched.messages
    ]
    return FetchedAnswer(conversation_id=fetched.conversation_id, mode=fetched.mode, messages=lines)


def _lines(messages: Iterable[Message]) -> list[LineJson]:
    return [LineJson(text=m.text, buttons=[_button(b) for b in m.buttons]) for m in messages]


def _button(button: dict[str, str]) -> ButtonJson:
    return ButtonJson(id=button["id"], title=button["title"])
