"""The form's questions. Each is put in other words when the last answer was not understood."""

from typing import Any

from actions import buttons
from actions.base import Turn
from actions.buttons import Button
from actions.draft import WHOLE_ORDER, Draft
from bot.words import Reason

_REASONS = {
    "paid": ("no_longer_wanted", "ordered_by_mistake", "late_shipment", "price_changed", "duplicate_charge"),
    "shipped": ("not_received", "late_shipment", "no_longer_wanted", "ordered_by_mistake", "price_changed"),
    "delivered": (
        "quality_defect",
        "damaged_in_transit",
        "wrong_item",
        "missing_parts",
        "not_as_described",
        "size_mismatch",
        "no_longer_wanted",
    ),
}
"""The likely reasons at each stage of an order; `other` is always the last button."""

_WHOLE_WORDS = ("整单", "全部", "全退", "都退", "整筆", "全都", "whole order", "everything", "all of it", "all of them")
_SHARED = 2
"""A title is recognised by this many Chinese characters, or by a Latin word of at least four letters."""


def order_number(turn: Turn, draft: Draft, orders: list[dict[str, Any]]) -> None:
    """The buyer's orders, those whose goods the message names first; a guest is asked for the number."""
    text = str(turn.message.get("text") or "").lower()
    orders = sorted(orders, key=lambda order: -max(_shared(text, line["title"].lower()) for line in order["items"]))
    if orders and draft.misses:
        turn.say(_again("utter_which_order", draft), *_help(turn, draft, *map(buttons.order, orders)))
    elif len(orders) == 1:
        found = orders[0]
        title = found["items"][0]["title"]
        turn.say("utter_propose_order", buttons.order(found), number=found["number"], title=title)
    elif orders:
        turn.say("utter_choose_order", *map(buttons.order, orders))
    else:
        turn.say(_again("utter_which_order", draft), *_help(turn, draft))


def phone_tail(turn: Turn, draft: Draft, *, wrong: bool, tries_left: int | None) -> None:
    if wrong:
        turn.say("utter_wrong_phone_tail", *_help(turn, draft), number=draft.order_number, tries_left=tries_left)
    else:
        turn.say(_again("utter_which_tail", draft), *_help(turn, draft), number=draft.order_number)


def item(turn: Turn, draft: Draft, items: list[dict[str, Any]]) -> None:
    whole = buttons.plain("whole_order", turn.language, "inform", item_sku=WHOLE_ORDER)
    turn.say(_again("utter_which_item", draft), *_help(turn, draft, *map(buttons.item, items), whole))


def reason(turn: Turn, draft: Draft, order: dict[str, Any] | None, guess: str | None) -> None:
    names = [name for name in (guess, *_REASONS[_stage(order)], Reason.OTHER.value) if name]
    choices = [buttons.reason(name, turn.language) for name in dict.fromkeys(names)]
    if draft.guess and not draft.misses:
        turn.say("utter_reason_meant", *choices, reason=buttons.reason_words(draft.guess, turn.language))
    else:
        turn.say(_again("utter_which_reason", draft), *_help(turn, draft, *choices))


def fact(turn: Turn, draft: Draft, need: dict[str, Any]) -> None:
    yes = buttons.answer(need["yes"][turn.language], need["fact"], True)
    no = buttons.answer(need["no"][turn.language], need["fact"], False)
    if draft.misses:
        turn.say("utter_please_choose" if draft.misses == 1 else "utter_offer_person")
    turn.say_texts(need["question"], *_help(turn, draft, yes, no))


def fact_meant(turn: Turn, need: dict[str, Any]) -> bool | None:
    """A typed answer that is one of the buttons' own words."""
    text = str(turn.message.get("text") or "").strip(" 。.!！").casefold()
    titles = {
        title.casefold(): value for value, side in ((True, "yes"), (False, "no")) for title in need[side].values()
    }
    return titles.get(text)


def evidence(turn: Turn, draft: Draft, wanted: list[dict[str, Any]]) -> None:
    none = buttons.plain("no_picture", turn.language, "inform", evidence_done=True)
    hints = "\n".join(piece["hint"][turn.language] for piece in wanted)
    turn.say(_again("utter_want_evidence", draft), *_help(turn, draft, none), hints=hints)


def confirm(turn: Turn, draft: Draft) -> None:
    """Yes and no to exactly the claim that was explained."""
    draft.explained = draft.token
    yes = buttons.plain("confirm_yes", turn.language, "affirm", confirm=draft.token)
    no = buttons.plain("confirm_no", turn.language, "deny", confirm=draft.token)
    turn.say(_again("utter_want_yes", draft), *_help(turn, draft, yes, no))


def denied(turn: Turn, texts: dict[str, str]) -> None:
    turn.say_texts(texts, buttons.person(turn.language))


def left(turn: Turn) -> None:
    turn.say("utter_refund_left", buttons.person(turn.language))


def item_meant(turn: Turn, items: list[dict[str, Any]]) -> str | None:
    """The item the message names, or everything; None: ask."""
    text = str(turn.message.get("text") or "").lower()
    if text.startswith("/"):
        return None
    if any(word in text for word in _WHOLE_WORDS):
        return WHOLE_ORDER
    shared = sorted(((_shared(text, line["title"].lower()), str(line["sku"])) for line in items), reverse=True)
    # An answer to "which one?" may be as short as one character: "鞋" among shoes and socks.
    enough = 1 if turn.tracker.slots.get("requested_slot") == "item_sku" else _SHARED
    clear = shared[0][0] >= enough and shared[0][0] > shared[1][0]
    return shared[0][1] if clear else None


def count(value: Any) -> int | None:
    """A quantity as the buyer said it; None if it is not a number."""
    try:
        return int(value)
    except (TypeError, ValueError):
        return None


def _shared(text: str, title: str) -> int:
    """How much of a title a message says: the longest run with Chinese in it, or two for a whole Latin word."""
    words = [word.strip(",.") for word in title.split() if word.isascii()]
    best = _SHARED if any(len(word) >= 4 and word in text for word in words) else 0
    for start in range(len(title)):
        for end in range(start + best + 1, len(title) + 1):
            run = title[start:end]
            if " " in run or run not in text:
                break
            if not run.isascii():
                best = end - start
    return best


def _stage(order: dict[str, Any] | None) -> str:
    if order is None or order.get("delivered_at"):
        return "delivered"
    return "shipped" if order["status"] in ("shipped", "delivered", "completed") else "paid"


def _again(response: str, draft: Draft) -> str:
    """Other words after each miss: never the same twice."""
    return {0: response, 1: f"{response}_again"}.get(int(draft.misses or 0), "utter_offer_person")


def _help(turn: Turn, draft: Draft, *choices: Button) -> list[Button]:
    """From the second miss on, a person is one press away."""
    return [*choices, buttons.person(turn.language)] if int(draft.misses or 0) > 1 else [*choices]
