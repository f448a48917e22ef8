"""The life of a refund case, as data: which state may follow which, and who may bring it about.

Money leaves only from `refunding`, which the system alone turns into `refunded`. An answer that was lost
is `refund_unknown`; it is settled by reading what the shop back end did.
"""

from enum import StrEnum

from bot.errors import IllegalTransition
from bot.words import CaseState


class ActorKind(StrEnum):
    """Who moves a case: the buyer, the bot for the buyer, a rule, a person of the shop, the system."""

    BUYER = "buyer"
    BOT = "bot"
    RULE = "rule"
    AGENT = "agent"
    SYSTEM = "system"


_BUYER = frozenset({ActorKind.BUYER, ActorKind.BOT})
_AGENT = frozenset({ActorKind.AGENT})
_SYSTEM = frozenset({ActorKind.SYSTEM})
_RULE = frozenset({ActorKind.RULE})

_S = CaseState
TRANSITIONS: dict[CaseState, dict[CaseState, frozenset[ActorKind]]] = {
    _S.SUBMITTED: {
        _S.UNDER_REVIEW: _AGENT | _SYSTEM | _RULE,
        _S.APPROVED: _AGENT | _RULE,
        _S.REJECTED: _AGENT,
        _S.WITHDRAWN: _BUYER | _AGENT,
    },
    _S.UNDER_REVIEW: {
        _S.APPROVED: _AGENT,
        _S.COUNTER_OFFERED: _AGENT,
        _S.REJECTED: _AGENT,
        _S.WITHDRAWN: _BUYER | _AGENT,
    },
    _S.COUNTER_OFFERED: {
        # Only the buyer can accept an offer; who declines it is looked at again.
        _S.APPROVED: _BUYER,
        _S.UNDER_REVIEW: _BUYER | _AGENT,
        _S.WITHDRAWN: _BUYER | _AGENT,
        _S.CLOSED: _SYSTEM,
    },
    _S.APPROVED: {
        _S.AWAITING_RETURN: _AGENT | _RULE | _SYSTEM,
        _S.REFUNDING: _AGENT | _RULE | _SYSTEM,
        _S.REPLACEMENT_SENT: _AGENT,
        _S.UNDER_REVIEW: _AGENT | _SYSTEM,
        _S.WITHDRAWN: _BUYER | _AGENT,
    },
    _S.AWAITING_RETURN: {
        _S.RETURN_IN_TRANSIT: _BUYER | _AGENT,
        # A parcel that was refused at the door, or came without a number, is simply there.
        _S.INSPECTING: _AGENT | _SYSTEM,
        _S.UNDER_REVIEW: _AGENT,
        _S.WITHDRAWN: _BUYER | _AGENT,
        _S.CLOSED: _AGENT | _SYSTEM,
    },
    _S.RETURN_IN_TRANSIT: {
        _S.INSPECTING: _AGENT | _SYSTEM,
        _S.UNDER_REVIEW: _AGENT,
    },
    _S.INSPECTING: {
        _S.REFUNDING: _AGENT,
        _S.REPLACEMENT_SENT: _AGENT,
        _S.COUNTER_OFFERED: _AGENT,
        _S.REJECTED: _AGENT,
    },
    _S.REFUNDING: {
        _S.REFUNDED: _SYSTEM,
        _S.REFUND_UNKNOWN: _SYSTEM,
        # The shop back end said no: nothing was paid, so a person looks.
        _S.UNDER_REVIEW: _SYSTEM,
    },
    _S.REFUND_UNKNOWN: {
        _S.REFUNDED: _AGENT | _SYSTEM,
        # Read and found not paid: the same payout is tried again under the same key.
        _S.REFUNDING: _AGENT | _SYSTEM,
        _S.UNDER_REVIEW: _AGENT | _SYSTEM,
    },
    _S.REFUNDED: {_S.APPEALED: _BUYER, _S.CLOSED: _AGENT | _SYSTEM},
    _S.REPLACEMENT_SENT: {_S.APPEALED: _BUYER, _S.CLOSED: _AGENT | _SYSTEM},
    _S.REJECTED: {_S.APPEALED: _BUYER, _S.CLOSED: _AGENT | _SYSTEM},
    _S.APPEALED: {
        _S.UNDER_REVIEW: _AGENT | _SYSTEM,
        _S.APPROVED: _AGENT,
        _S.COUNTER_OFFERED: _AGENT,
        _S.REJECTED: _AGENT,
        _S.IN_MEDIATION: _AGENT,
        _S.WITHDRAWN: _BUYER | _AGENT,
    },
    _S.IN_MEDIATION: {
        _S.APPROVED: _AGENT,
        _S.COUNTER_OFFERED: _AGENT,
        _S.REJECTED: _AGENT,
        _S.WITHDRAWN: _BUYER | _AGENT,
        _S.CLOSED: _AGENT,
    },
    _S.WITHDRAWN: {_S.CLOSED: _AGENT | _SYSTEM},
    _S.CLOSED: {},
}

OVER = frozenset({_S.REFUNDED, _S.REPLACEMENT_SENT, _S.REJECTED, _S.WITHDRAWN, _S.CLOSED})
"""States in which nobody waits for anything; a case in any other state is open."""


def kind_of(actor: str) -> ActorKind:
    """The kind of an actor as the log writes it: `agent:7` is an agent, `api` is the shop itself.

    Raises IllegalTransition for one that is neither.
    """
    name = actor.split(":", 1)[0]
    if name == "api":
        return ActorKind.AGENT
    try:
        return ActorKind(name)
    except ValueError:
        raise IllegalTransition(f"{actor!r} may not move a case") from None


def check_transition(from_: CaseState, to: CaseState, actor: ActorKind | str) -> None:
    """Raises IllegalTransition unless `actor` may move a case from `from_` to `to`."""
    kind = kind_of(actor)
    allowed = TRANSITIONS[from_].get(to)
    if allowed is None:
        raise IllegalTransition(f"a case that is {from_} cannot become {to}")
    if kind not in allowed:
        raise IllegalTransition(f"{kind} may not turn {from_} into {to}")


def next_states(from_: CaseState, actor: ActorKind | str) -> tuple[CaseState, ...]:
    """What `actor` may make of a case in `from_`, in the table's order."""
    kind = kind_of(actor)
    return tuple(to for to, allowed in TRANSITIONS[from_].items() if kind in allowed)
