"""Who is at the console: agents, passwords, sessions, lockout."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from urllib.parse import urlsplit

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from starlette.requests import HTTPConnection

from bot.errors import NotAllowed, NotAuthenticated, TooManyTries
from bot.settings import Settings
from bot.storage.engine import Database
from bot.storage.tables import Agent, Audit

COOKIE = "refunddesk_console"
SESSION_SECONDS = 12 * 3600
"""One working day; then the agent logs in again."""

MAX_FAILURES = 5
LOCK_MINUTES = 10

_SALT = "console-session"
_FORM_SALT = "console-login-form"
_FORM_SECONDS = 3600
_hasher = PasswordHasher()


class WrongCsrf(NotAllowed):
    """A post that did not come from a page of this session."""

    code = "wrong_csrf"


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """An agent's session; `csrf` must come back with every post."""

    agent_id: int
    name: str
    csrf: str


def ensure_first_agent(session: Session, settings: Settings) -> Agent | None:
    """Make the first agent from the settings when there is none; the agent made, or None."""
    if session.scalar(select(Agent.id).limit(1)) is not None:
        return None
    return add_agent(
        session,
        username=settings.console_user,
        password=settings.console_password,
        name=settings.console_user,
        role="admin",
    )


def add_agent(session: Session, *, username: str, password: str, name: str, role: str = "agent") -> Agent:
    """A new agent; the caller's transaction fails if the user name is taken."""
    agent = Agent(
        username=username,
        password_hash=_hasher.hash(password),
        name=name,
        role=role,
        is_active=True,
        created_at=datetime.now(UTC),
    )
    session.add(agent)
    session.flush()
    return agent


@lru_cache(maxsize=1)
def _nobody() -> str:
    """A hash to check against when there is no such user, so that the answer takes as long."""
    return _hasher.hash(secrets.token_urlsafe(12))


def check_password(database: Database, username: str, password: str) -> Agent | None:
    """The agent, or None when user name or password is wrong. Blocking, and slow on purpose.

    Raises TooManyTries after `MAX_FAILURES` tries without a success in `LOCK_MINUTES`, whether or not there is
    such a user. The try is noted before the password is looked at: many at once are no more than one by one.
    """
    subject = f"login:{sha256(username.casefold().encode()).hexdigest()[:32]}"
    with database.write() as session:
        if _tries(session, subject) >= MAX_FAILURES:
            raise TooManyTries("login is locked", minutes=LOCK_MINUTES)
        session.add(_note("console", "login_try", subject))
        agent = session.scalar(select(Agent).where(Agent.username == username))
    # Outside of the transaction: hashing takes its time, and buyers' messages must not wait for it.
    is_right = _verify(agent.password_hash if agent else _nobody(), password)
    if agent is None or not agent.is_active or not is_right:
        return None
    with database.write() as session:
        session.add(_note(f"agent:{agent.id}", "login", subject))
    return agent


def _tries(session: Session, subject: str) -> int:
    """Tries since the last success, within the lock's time."""
    since = datetime.now(UTC) - timedelta(minutes=LOCK_MINUTES)
    success = select(func.max(Audit.id)).where(Audit.subject == subject, Audit.action == "login").scalar_subquery()
    query = select(func.count()).where(
        Audit.subject == subject,
        Audit.action == "login_try",
        Audit.at > since,
        Audit.id > func.coalesce(success, 0),
    )
    return session.scalar(query) or 0


def _note(actor: str, action: str, subject: str) -> Audit:
    return Audit(at=datetime.now(UTC), actor=actor, action=action, subject=subject, detail={})


def _verify(hashed: str, password: str) -> bool:
    try:
        return _hasher.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False


def make_cookie(agent: Agent, settings: Settings) -> str:
    """A signed session; it ends early when the agent's password changes."""
    content = {"agent": agent.id, "key": _password_key(agent), "csrf": secrets.token_urlsafe(18)}
    return _signer(settings).dumps(content)


def read_session(session: Session, connection: HTTPConnection, settings: Settings) -> LoggedIn:
    """The agent behind a request or a socket. Raises NotAuthenticated without a valid session."""
    try:
        content = _signer(settings).loads(connection.cookies.get(COOKIE, ""), max_age=SESSION_SECONDS)
    except BadSignature:
        raise NotAuthenticated("no valid console session") from None
    agent = session.get(Agent, content["agent"])
    if agent is None or not agent.is_active or content["key"] != _password_key(agent):
        raise NotAuthenticated("the console session is over")
    return LoggedIn(agent.id, agent.name or agent.username, content["csrf"])


def check_csrf(connection: HTTPConnection, logged_in: LoggedIn, token: str) -> None:
    """Raises WrongCsrf unless the post comes from our own page with this session's token."""
    check_origin(connection)
    if not hmac.compare_digest(token.encode(), logged_in.csrf.encode()):
        raise WrongCsrf("the form's token is not this session's")


def check_origin(connection: HTTPConnection) -> None:
    """Browsers say where a post or a socket comes from; only our own pages may."""
    origin = connection.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc.lower() != connection.headers.get("host", "").lower():
        raise WrongCsrf("the request comes from another site")


def login_token(nonce: str, settings: Settings) -> str:
    """The login form's token, bound to the random value in a cookie: there is no session to bind it to yet."""
    return URLSafeTimedSerializer(settings.session_secret, salt=_FORM_SALT).dumps(nonce)


def check_login_token(nonce: str, token: str, settings: Settings) -> None:
    """Raises WrongCsrf for a login form that this browser was not given."""
    signer = URLSafeTimedSerializer(settings.session_secret, salt=_FORM_SALT)
    try:
        found = signer.loads(token, max_age=_FORM_SECONDS)
    except BadSignature:
        found = ""
    if not nonce or not isinstance(found, str) or not hmac.compare_digest(found.encode(), nonce.encode()):
        raise WrongCsrf("the login form is too old")


def _password_key(agent: Agent) -> str:
    return sha256(agent.password_hash.encode()).hexdigest()[:16]


def _signer(settings: Settings) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings.session_secret, salt=_SALT)
