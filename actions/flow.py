"""Which question comes next. Each step returns the slot it asked for, END, or None: nothing is missing here."""

from typing import Any

from actions import asking
from actions.base import Turn
from actions.draft import FACTS, WHOLE_ORDER, Draft
from actions.hearing import Heard
from bot.errors import BadInput, Conflict, NotAllowed, NotFound
from bot.words import Path, Reason, Verdict

END = "end"
"""The form is over, and what there was to say has been said."""

PATIENCE = 3
"""Answers not understood in a row after which a person takes over."""

_NOT_COUNTED = (Reason.NOT_RECEIVED, Reason.LATE_SHIPMENT, Reason.DUPLICATE_CHARGE)
"""Reasons in which a number is not one of goods: "one empty parcel"."""

_DANGERS = {Reason.COUNTERFEIT.value: "counterfeit", Reason.EXPIRED_OR_UNSAFE.value: "safety"}
"""Reasons that reach a person even where a case is open already, with the handoff's reason."""


class Flow:
    """One run through the steps of a claim, on one draft."""

    def __init__(self, turn: Turn, draft: Draft, heard: Heard | None = None) -> None:
        self.turn = turn
        self.draft = draft
        self.heard = heard or Heard()
        self.order: dict[str, Any] | None = None
        self.asked: str | None = turn.tracker.slots.get("requested_slot")

    async def resume(self) -> str | None:
        """Ask the open question again after an interruption, as if for the first time."""
        self.draft.misses = None
        if self.asked == "confirm":
            asking.confirm(self.turn, self.draft)
            return "confirm"
        return await self._steps()

    async def advance(self) -> str | None:
        """Go on from what was heard; None: the buyer has said yes, the case may be opened."""
        if self.asked not in (None, "item_sku") and not self.heard.told and not self._takes_proposal():
            if await self._miss():
                return END
        elif self.asked != "item_sku":
            self.draft.misses = None
        if self.draft.confirm is False:
            asking.left(self.turn)
            return END
        return await self._steps()

    async def _steps(self) -> str | None:
        for step in (self._order, self._item, self._reason, self._decision):
            asked = await step()
            if asked is not None:
                return asked
        return None

    async def _miss(self) -> bool:
        """Count an answer that was not understood; True if a person has taken over."""
        self.draft.misses = int(self.draft.misses or 0) + 1
        if self.draft.misses < PATIENCE:
            return False
        await self.turn.hand_over("not_understood")
        return True

    def _takes_proposal(self) -> bool:
        verified = self.turn.metadata.get("verified") is not False
        return self.asked == "order_number" and self.turn.intent == "affirm" and verified

    async def _order(self) -> str | None:
        draft, turn = self.draft, self.turn
        if draft.order_number is None:
            return await self._find_order()
        known = draft.proved_order == draft.order_number and draft.phone_tail is None
        if known and draft.item_sku is not None and draft.reason is not None and not self.heard.recount:
            return None
        found = await turn.call(turn.desk.look_up_order, draft.order_number, draft.phone_tail)
        if found["status"] == "found":
            self.order, draft.phone_tail = found["order"], None
            draft.start(found["order"]["number"])
            return None
        tried, draft.phone_tail = draft.phone_tail, None
        if found["status"] == "locked":
            turn.say("utter_proof_locked")
            await turn.hand_over("proof_locked")
            return END
        asking.phone_tail(turn, draft, wrong=tried is not None, tries_left=found["tries_left"])
        return "phone_tail"

    async def _find_order(self) -> str | None:
        """A signed-in buyer chooses among their orders; a guest names one."""
        orders = []
        if self.turn.metadata.get("verified") is not False:
            orders = await self.turn.call(self.turn.desk.orders)
        if len(orders) == 1 and self._takes_proposal():
            self.order = orders[0]
            self.draft.start(orders[0]["number"])
            return None
        asking.order_number(self.turn, self.draft, orders)
        return "order_number"

    async def _item(self) -> str | None:
        draft = self.draft
        if self.order is None:
            return None
        lines = {line["sku"]: line for line in self.order["items"]}
        alone = next(iter(lines)) if len(lines) == 1 else None
        if draft.item_sku == WHOLE_ORDER and not (alone and self.heard.recount):
            return None
        if draft.item_sku not in lines:
            draft.item_sku = alone or asking.item_meant(self.turn, self.order["items"])
        if draft.item_sku is not None and self.asked == "item_sku":
            draft.misses = None
        if draft.item_sku is None:
            # Only the order's own titles show whether the answer named one of them.
            if self.asked == "item_sku" and not self.heard.told and await self._miss():
                return END
            asking.item(self.turn, draft, self.order["items"])
            return "item_sku"
        if draft.item_sku != WHOLE_ORDER:
            most = int(lines[draft.item_sku]["quantity"])
            if draft.reason in _NOT_COUNTED:
                draft.quantity = None
            draft.quantity = min(max(asking.count(draft.quantity) or most, 1), most)
            if alone and draft.quantity == most:
                draft.item_sku = WHOLE_ORDER
        return None

    async def _reason(self) -> str | None:
        if self.draft.reason is None:
            asking.reason(self.turn, self.draft, self.order, self.draft.guess or self.heard.guess)
            return "reason"
        self.draft.settle_reason()
        return None

    async def _decision(self) -> str | None:
        draft, turn = self.draft, self.turn
        if draft.confirm is True:
            return None
        try:
            answer = await turn.call(turn.desk.decide, draft.claim)
        except Conflict as error:
            if error.fields.get("code") != "case_exists":
                raise
            await turn.tell_case(error)
            if draft.reason in _DANGERS:
                await turn.hand_over(_DANGERS[draft.reason])
            return END
        except NotAllowed:
            draft.claim_of = None
            asking.phone_tail(turn, draft, wrong=False, tries_left=None)
            return "phone_tail"
        except (BadInput, NotFound):
            return await self._ask_item_again()
        return await self._follow(answer["decision"], answer["texts"])

    async def _ask_item_again(self) -> str | None:
        """The order has changed since the goods were named."""
        self.draft.item_sku = self.draft.quantity = None
        found = await self.turn.call(self.turn.desk.look_up_order, self.draft.order_number, None)
        asking.item(self.turn, self.draft, found["order"]["items"])
        return "item_sku"

    async def _follow(self, decision: dict[str, Any], texts: dict[str, str]) -> str | None:
        draft, turn = self.draft, self.turn
        verdict = decision["verdict"]
        if verdict == Verdict.DENY:
            asking.denied(turn, texts)
            return END
        if verdict == Verdict.HUMAN and (urgent := _urgent(decision)):
            turn.say_texts(texts)
            draft.confirm, draft.person_wanted = True, urgent
            return None
        for need in decision["needs"]:
            if need["fact"] in FACTS and getattr(draft, need["fact"]) is None:
                if self.asked == need["fact"] and (meant := asking.fact_meant(turn, need)) is not None:
                    draft.misses = None
                    setattr(draft, need["fact"], meant)
                    return await self._decision()
                asking.fact(turn, draft, need)
                return str(need["fact"])
        wanted = [piece for piece in decision["evidence"] if piece["required"] and not piece["given"]]
        if wanted and draft.evidence_done is not True:
            asking.evidence(turn, draft, wanted)
            return "evidence_done"
        if verdict == Verdict.NEED_INFO:
            # Everything was asked and something is still open: no rule may refuse for want of it.
            turn.say("utter_person_must_look")
            await turn.hand_over("review")
            return END
        draft.person_wanted = "review" if verdict == Verdict.HUMAN else None
        if not draft.misses:
            turn.say_texts(texts)
        asking.confirm(turn, draft)
        return "confirm"


def _urgent(decision: dict[str, Any]) -> str | None:
    """Why a person must take over at once, without further questions."""
    if decision["reason"] in _DANGERS:
        return _DANGERS[decision["reason"]]
    return "safety" if decision["path"] == Path.SAFETY else None
