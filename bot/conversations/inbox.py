"""The way in: a message is on disk, in order, before anybody is told that it arrived."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from anyio import to_thread
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.channels.base import REST, InboundMessage, Upload
from bot.channels.identity import Identity
from bot.conversations import floor, language, texts, transcript
from bot.storage.engine import Database
from bot.storage.evidence import EvidenceFiles
from bot.storage.tables import Conversation, Evidence, Message
from bot.storage.tables import Inbox as InboxRow
from bot.words import Author, Language, Mode

Wake = Callable[[str, str], None]
"""Called on the event loop with a conversation id and its channel: something waits for its worker."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A message that is stored. `seq` is its line in the transcript; `duplicate`: it was stored before."""

    conversation_id: str
    inbox_id: int
    duplicate: bool
    seq: int
    mode: Mode


@dataclass(frozen=True, slots=True)
class Opened:
    """A conversation somebody looks at."""

    conversation_id: str
    mode: Mode
    language: Language
    agent_id: int | None


class Inbox:
    """Takes messages of all channels; `wake` starts the conversation's worker."""

    def __init__(self, database: Database, files: EvidenceFiles, *, default_language: Language, wake: Wake) -> None:
        self._database = database
        self._files = files
        self._default_language = default_language
        self._wake = wake

    async def accept(self, message: InboundMessage) -> Accepted:
        """Store the message, then wake the conversation's worker. The caller may acknowledge when this returns."""
        accepted = await to_thread.run_sync(self.store, message)
        self._wake(accepted.conversation_id, message.channel)
        return accepted

    def store(self, message: InboundMessage) -> Accepted:
        """The blocking half of `accept`: files, conversation, transcript and inbox row, in one transaction."""
        digests = [self._files.save(upload.data) for upload in message.attachments]
        try:
            return self._store(message, digests)
        except IntegrityError:
            # Somebody else made the same conversation or stored the same message at this moment: now it is there.
            return self._store(message, digests)

    def open(
        self,
        *,
        channel: str,
        sender: str,
        shop: str,
        identity: Identity | None = None,
        language_hint: str | None = None,
    ) -> Opened:
        """The conversation of a chat window that has just opened; made, with the greeting, if there is none."""
        with self._database.read() as session:
            conversation = _find(session, channel, sender, identity)
        if conversation is None or (identity and conversation.buyer_id != identity.buyer_id):
            try:
                conversation = self._open(channel, sender, shop, identity, language_hint)
            except IntegrityError:
                conversation = self._open(channel, sender, shop, identity, language_hint)
        return Opened(conversation.id, Mode(conversation.mode), Language(conversation.language), conversation.agent_id)

    def _open(
        self, channel: str, sender: str, shop: str, identity: Identity | None, language_hint: str | None
    ) -> Conversation:
        with self._database.write() as session:
            hint = language.as_language(language_hint, self._default_language)
            return _find_or_make(session, channel, sender, shop, identity, hint)

    def _store(self, message: InboundMessage, digests: list[str]) -> Accepted:
        with self._database.write() as session:
            if earlier := _earlier(session, message):
                return earlier
            hint = language.as_language(message.language_hint, self._default_language)
            conversation = _find_or_make(
                session,
                message.channel,
                message.sender,
                message.shop,
                message.identity,
                language.guess(message.text, hint),
            )
            if message.text:
                conversation.language = language.guess(message.text, Language(conversation.language))
            if conversation.mode == Mode.CLOSED:
                floor.move(session, conversation, Mode.BOT, actor="buyer", action="reopen")
            return _add(session, conversation, message, digests)


def _add(session: Session, conversation: Conversation, message: InboundMessage, digests: list[str]) -> Accepted:
    evidence = [
        _evidence(conversation, upload, digest) for upload, digest in zip(message.attachments, digests, strict=True)
    ]
    session.add_all(evidence)
    button = transcript.find_button(session, conversation, message.button) if message.button else None
    said = button["title"] if button else message.text or (f"[{message.button}]" if message.button else "")
    line = transcript.add(
        session,
        conversation,
        author=Author.BUYER,
        text=said,
        attachments=[
            {"id": e.id, "filename": e.filename, "content_type": e.content_type, "size": e.size} for e in evidence
        ],
        client_key=message.client_id,
    )
    row = InboxRow(
        channel=message.channel,
        message_key=message.message_key,
        conversation_id=conversation.id,
        payload={
            "seq": line.seq,
            "text": message.text,
            "button": message.button,
            "payload": button["payload"] if button else None,
            "attachments": [e.id for e in evidence],
        },
        received_at=line.created_at,
    )
    session.add(row)
    session.flush()
    return Accepted(conversation.id, row.id, False, line.seq, Mode(conversation.mode))


def _earlier(session: Session, message: InboundMessage) -> Accepted | None:
    query = select(InboxRow).where(InboxRow.channel == message.channel, InboxRow.message_key == message.message_key)
    row = session.scalar(query)
    if row is None:
        return None
    conversation = transcript.get_conversation(session, row.conversation_id)
    return Accepted(conversation.id, row.id, True, row.payload["seq"], Mode(conversation.mode))


def _find(session: Session, channel: str, sender: str, identity: Identity | None) -> Conversation | None:
    """The sender's conversation; another buyer who signs in on the same device never sees the first one's."""
    query = select(Conversation).where(Conversation.channel == channel).with_for_update()
    conversation = session.scalar(query.where(Conversation.sender == sender))
    if conversation and identity and conversation.buyer_id not in (None, identity.buyer_id):
        return session.scalar(query.where(Conversation.sender == _sender_of(sender, identity)))
    return conversation


def _sender_of(sender: str, identity: Identity) -> str:
    return f"{sender[:60]}|{identity.buyer_id}"[:128]


def _find_or_make(
    session: Session, channel: str, sender: str, shop: str, identity: Identity | None, hint: Language
) -> Conversation:
    conversation = _find(session, channel, sender, identity)
    if conversation is None:
        taken = identity and session.scalar(
            select(Conversation.id).where(Conversation.channel == channel, Conversation.sender == sender)
        )
        conversation = _make(
            session, channel, _sender_of(sender, identity) if identity and taken else sender, shop, hint
        )
    if identity and conversation.buyer_id is None:
        conversation.buyer_id = identity.buyer_id
        conversation.buyer_name = identity.name
    return conversation


def _make(session: Session, channel: str, sender: str, shop: str, hint: Language) -> Conversation:
    now = datetime.now(UTC)
    conversation = Conversation(
        id=secrets.token_hex(12),
        channel=channel,
        sender=sender,
        shop=shop,
        language=hint,
        mode=Mode.BOT,
        version=1,
        last_seq=0,
        failed_proofs=0,
        proved_orders=[],
        state={},
        created_at=now,
        updated_at=now,
    )
    session.add(conversation)
    session.flush()
    greet(session, conversation)
    return conversation


def greet(session: Session, conversation: Conversation) -> Message:
    """The first line of every conversation: that it is a bot, and what it can do."""
    spoken = Language(conversation.language)
    # A script has no use for the greeting's buttons: it has not asked anything yet.
    buttons: list[Any] = (
        []
        if conversation.channel == REST
        else [transcript.Button(title[spoken], payload) for title, payload in texts.GREETING_BUTTONS]
    )
    return transcript.add(session, conversation, author=Author.BOT, text=texts.GREETING[spoken], buttons=buttons)


def _evidence(conversation: Conversation, upload: Upload, digest: str) -> Evidence:
    return Evidence(
        id=secrets.token_hex(12),
        conversation_id=conversation.id,
        kind=upload.kind,
        filename=upload.filename,
        content_type=upload.content_type,
        size=upload.size,
        sha256=digest,
        created_at=datetime.now(UTC),
    )
