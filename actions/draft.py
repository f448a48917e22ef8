"""The draft of a claim: what the slots hold while a buyer and the bot work out a request together."""

import hashlib
import json
from dataclasses import asdict, dataclass, fields
from typing import Any
from uuid import uuid4

from rasa_sdk.events import EventType, SlotSet

FORM = "refund_form"
FACTS = ("received", "differs_from_chart", "differs_from_description", "intact")
"""Facts about the goods a decision may ask for, in the order of bot.policy.model.GoodsFacts."""

WHOLE_ORDER = "*"
"""`item_sku` when the buyer means everything in the order."""


@dataclass
class Draft:
    """Slots of the draft, by their own names; None is unknown."""

    order_number: str | None = None
    phone_tail: str | None = None
    item_sku: str | None = None
    quantity: Any = None
    reason: str | None = None
    reason_confidence: float | None = None
    guess: str | None = None
    """A reason that was heard but not surely: the buyer is asked whether it is meant."""
    wish: str | None = None
    received: bool | None = None
    differs_from_chart: bool | None = None
    differs_from_description: bool | None = None
    intact: bool | None = None
    evidence_done: bool | None = None
    confirm: bool | None = None
    explained: str | None = None
    """`token` of the claim the buyer was last asked to confirm."""
    claim_key: str | None = None
    """Idempotency key of the case this draft becomes."""
    claim_of: str | None = None
    """Order and reason everything above was said about: "RD1|quality_defect"; "RD1|" before the reason."""
    person_wanted: str | None = None
    """Why a person takes over once the case is open."""
    misses: float | None = None
    """Answers in a row that were not understood."""

    @classmethod
    def of(cls, slots: dict[str, Any]) -> "Draft":
        return cls(**{name: slots.get(name) for name in NAMES})

    def changes(self, slots: dict[str, Any]) -> list[EventType]:
        """Events for what differs from the tracker's slots."""
        return [SlotSet(name, value) for name, value in asdict(self).items() if slots.get(name) != value]

    @property
    def proved_order(self) -> str | None:
        """The order the desk has found for this draft, or None."""
        return self.claim_of.split("|")[0] if self.claim_of else None

    def start(self, order_number: str) -> None:
        """Begin a claim on an order that the desk has found; what was said about another order is dropped."""
        if self.proved_order not in (None, order_number):
            self._drop_answers()
            self.item_sku = self.quantity = None
        self.order_number = order_number
        self.claim_of = f"{order_number}|{(self.claim_of or '|').split('|')[1]}"
        self.claim_key = self.claim_key or uuid4().hex

    def settle_reason(self) -> None:
        """Bind the draft to its reason; answers given about another reason are dropped."""
        order, _, reason = (self.claim_of or "|").partition("|")
        if reason and reason != self.reason:
            self._drop_answers()
        self.claim_of = f"{order}|{self.reason or ''}"
        self.claim_key = self.claim_key or uuid4().hex

    def _drop_answers(self) -> None:
        for name in (*FACTS, "evidence_done", "confirm", "claim_key"):
            setattr(self, name, None)

    @property
    def claim(self) -> dict[str, Any]:
        """Body of the desk's decision and of the case."""
        whole = self.item_sku in (None, WHOLE_ORDER)
        return {
            "order_number": self.order_number,
            "reason": self.reason,
            "items": [] if whole else [{"sku": self.item_sku, "quantity": int(self.quantity or 1)}],
            "facts": {name: getattr(self, name) for name in FACTS},
            "wish": self.wish,
        }

    @property
    def token(self) -> str:
        """Names exactly this claim: a yes to another one must not confirm this one."""
        said = json.dumps([self.claim, self.claim_key], sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()[:10]

    @property
    def state(self) -> dict[str, Any]:
        """What the agent's screen shows of the draft."""
        state: dict[str, Any] = {}
        if self.order_number:
            state["order_number"] = self.order_number
        if self.reason:
            state["reason"] = {"name": self.reason, "confidence": self.reason_confidence or 1.0}
        if self.wish:
            state["wish"] = self.wish
        if self.reason:
            # All of them, the unknown too: answers about an earlier reason must go from the screen.
            state["facts"] = self.claim["facts"]
        return state


NAMES = tuple(field.name for field in fields(Draft))


def cleared(slots: dict[str, Any], *, order_too: bool = False) -> list[EventType]:
    """Events that forget the draft. The order number stays for the next question, unless its case is open."""
    names = [name for name in NAMES if order_too or name != "order_number"]
    return [SlotSet(name, None) for name in names if slots.get(name) is not None]
