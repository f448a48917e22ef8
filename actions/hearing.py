"""What one message tells the form: everything in it is taken at once, nothing known is asked again."""

import re
import unicodedata
from typing import Any

from actions.base import Turn
from actions.draft import FACTS, Draft
from bot.words import Reason, Resolution

SURE = 0.7
"""A reason at least this sure is taken."""

LIKELY = 0.5
"""From here on the buyer is asked whether it is meant, and the same once more is taken; below it the reason is asked
for, with the guess as the first button."""

SURE_ENOUGH_TO_REPLACE = 0.7
"""A known reason gives way only to one that is clearly another: short answers must not flip it."""

SURE_BESIDE_AN_ANSWER = 0.9
"""A message that answers the open question changes the reason only if it says so beyond doubt."""

SURE_TO_INTERRUPT = 0.7
"""Below this a message that looks like another matter is rather an answer that was not understood."""

GUESS = 0.25
"""Below this a reason is not even worth offering first."""

INTERRUPTS = frozenset(
    [
        "ask_policy",
        "check_refund_status",
        "thank",
        "greet",
        "goodbye",
        "track_order",
        "shop_question",
        "out_of_scope",
        "provide_return_tracking",
        "appeal_decision",
    ]
)
"""Intents that are answered in between, unless the message also told the form something."""

_OTHER_MATTERS = frozenset(["check_refund_status", "track_order", "shop_question"])
"""Intents whose order number is not the draft's, unless it was asked for; the same list stands in domain.yml."""

LEAVES = frozenset(["request_human", "cancel_refund"])
"""Intents that leave the form whatever else the message says."""

_REASON_INTENTS = frozenset(
    ["inform", "request_refund", "request_exchange", "cancel_order", "ask_policy", "submit_evidence"]
)
_TAIL = re.compile(r"(?<!\d)(\d{4}|1\d{10}|09\d{8})(?!\d)")
"""Four digits, or a whole mobile number of the PRC or of Taiwan, of which the last four count."""
_NONE = re.compile(r"[没沒无無]|\b(?:no|not|none|without|can't|cannot|don't|haven't)\b", re.IGNORECASE)
_UNTOUCHED = re.compile(
    r"[没沒未](?:有|被)?[拆用穿剪动動开開洗戴]"
    r"|\b(?:un|never |not |n't )(?:been )?(?:opened|used|worn|touched|washed)",
    re.IGNORECASE,
)
_CONSENT = re.compile(r"确认|確認|同意|提交|送出|\b(?:confirm|agree|submit|go ahead)\b", re.IGNORECASE)
_TAIL_BESIDE_NUMBER = re.compile(
    r"(?<![\w.-])(\d{4})(?![\w.-]|\s*(?:[元块塊年月克]|yuan|dollars?|ml\b|mm\b))", re.IGNORECASE
)
"""Four digits that stand alone and count nothing: "RD20260018 9002"."""
_GIVES_UP = re.compile(
    r"(?:那|那就|还是|還是)?(?:算了|算啦|不退了|不用退了|不办了|不辦了)(?:算了|吧|不退了)?"
    r"|never ?mind|forget (?:it|about it)",
    re.IGNORECASE,
)
"""The whole message: as an answer to any question it ends the request, and is no "no" to the question."""
_HAS_NONE = re.compile(
    r"我?[没沒]有?(?:任何)?(?:照片|图片|圖片|截图|截圖|视频|影片|凭证|憑證)?(?:了|啊|欸)?"
    r"|(?:i (?:have|got) )?(?:no|none|don't have)(?: (?:a |any )?(?:photo|picture|screenshot|image|one)s?)?",
    re.IGNORECASE,
)
"""The whole message: the buyer has nothing to show, which says neither yes nor no to filing."""
_NUMBER = re.compile(r"(?=[A-Za-z0-9-]*\d)[A-Za-z0-9][A-Za-z0-9-]{4,63}")


_MARKS = " \t\n。.,，!！~～…"


class Heard:
    """`told`: the message answered or stated something; `guess`: an unsure reason."""

    def __init__(self) -> None:
        self.told = False
        self.corrected = False
        """The message put another reason in the place of the known one."""
        self.guess: str | None = None
        self.recount = False
        """An item was pressed or a number of pieces said: how many the order has must be looked up."""


def hear(turn: Turn, draft: Draft) -> Heard:
    """Take what the message says into the draft. Slots mapped in domain.yml are already in it."""
    heard = Heard()
    asked: str | None = turn.tracker.slots.get("requested_slot")
    text = "" if _is_payload(turn) else unicodedata.normalize("NFKC", turn.message.get("text") or "")
    if asked is not None and _GIVES_UP.fullmatch(text.strip(_MARKS)):
        draft.confirm, heard.told = False, True
        return heard
    _hear_order(turn, draft, heard, asked, text)
    answered = _hear_facts(turn, draft, heard, asked) or (asked == "confirm" and _agrees(turn))
    # "the shoes" says which, not why, whatever the reason head makes of two words.
    if asked != "item_sku" or len(turn.message.get("text_tokens") or text) > 2:
        _hear_reason(turn, draft, heard, answered=answered)
    _hear_wish(turn, draft, heard)
    if turn.metadata.get("attachments"):
        heard.told = True
    # Last: a yes that comes with something new is no yes to what was explained before.
    _hear_confirm(turn, draft, heard, asked)
    return heard


def interrupts(turn: Turn, heard: Heard) -> bool:
    """The message belongs to the rules, not to the form."""
    if turn.intent in LEAVES:
        return True
    return turn.intent in INTERRUPTS and not heard.told and turn.confidence >= SURE_TO_INTERRUPT


def is_negated(turn: Turn) -> bool:
    """The message holds a no, whatever its intent."""
    text = str(turn.message.get("text") or "")
    return _NONE.search(text) is not None or re.search("[不别別]", text) is not None


def _is_payload(turn: Turn) -> bool:
    return str(turn.message.get("text") or "").startswith("/")


def _hear_order(turn: Turn, draft: Draft, heard: Heard, asked: str | None, text: str) -> None:
    number = turn.entity("order_number")
    if number is not None and (asked == "order_number" or turn.intent not in _OTHER_MATTERS):
        draft.order_number = str(number)
        heard.told = True
    elif asked == "order_number" and (found := _NUMBER.fullmatch(text.strip())):
        draft.order_number = found.group()
        heard.told = True
    if turn.entity("phone_tail") is not None:
        heard.told = True
    elif number is not None and len(tails := set(_TAIL_BESIDE_NUMBER.findall(text))) == 1:
        draft.phone_tail = tails.pop()
    elif asked == "phone_tail" and (found := _TAIL.search(text)):
        draft.phone_tail = found.group(1)[-4:]
        heard.told = True
    if turn.entity("item_sku") is not None:
        draft.item_sku, draft.quantity = str(turn.entity("item_sku")), None
        heard.told = heard.recount = True
    elif turn.entity("quantity") is not None and draft.item_sku is not None:
        heard.told = heard.recount = True


def _hear_reason(turn: Turn, draft: Draft, heard: Heard, *, answered: bool) -> None:
    if _answers_guess(turn, draft, heard):
        return
    pressed = turn.entity("reason")
    said: dict[str, Any] = turn.message.get("reason") or {}
    name, confidence = said.get("name"), float(said.get("confidence") or 0.0)
    if pressed in set(Reason):
        name, confidence = pressed, 1.0
    elif turn.intent not in _REASON_INTENTS and not _corrects(turn, name):
        return
    elif turn.intent == "cancel_order" and confidence < LIKELY and draft.reason is None:
        name, confidence = Reason.NO_LONGER_WANTED.value, SURE
    if name not in set(Reason) or name == draft.reason:
        return
    if turn.intent == "ask_policy" and name == Reason.NO_LONGER_WANTED:
        return  # "how do the seven days without a reason work?" asks for a rule and gives no reason
    if answered and name == Reason.SELLER_AGREED and pressed is None:
        return  # "I agree": the buyer does, not the seller
    if confidence >= _needed(draft, str(name), answered=answered):
        heard.corrected = draft.reason is not None
        draft.reason, draft.reason_confidence, draft.guess = str(name), round(confidence, 3), None
        heard.told = True
    elif confidence >= LIKELY and draft.reason is None:
        # A second reason that is only likely is no step forward.
        heard.told = heard.told or draft.guess is None
        draft.guess = str(name)
    elif confidence >= GUESS and draft.reason is None:
        heard.guess = str(name)


def _answers_guess(turn: Turn, draft: Draft, heard: Heard) -> bool:
    """Yes or no to "do you mean …?"."""
    if draft.guess is None or turn.tracker.slots.get("requested_slot") != "reason":
        return False
    if turn.intent == "affirm":
        draft.reason, draft.reason_confidence, draft.guess = draft.guess, 1.0, None
    elif turn.intent == "deny" and not turn.message.get("reason"):
        draft.guess = None
    else:
        return False
    heard.told = True
    return True


def _says_only_none(text: str) -> bool:
    return text.lower() not in ("no", "没", "沒") and _HAS_NONE.fullmatch(text) is not None


def _corrects(turn: Turn, name: Any) -> bool:
    """ "No, it is the wrong item" to what was read back; "no, I do not want it" is a plain no."""
    asked = turn.tracker.slots.get("requested_slot")
    return asked == "confirm" and turn.intent == "deny" and name != Reason.NO_LONGER_WANTED


def _needed(draft: Draft, name: str, *, answered: bool) -> float:
    if draft.reason is None:
        return LIKELY if name == draft.guess else SURE
    return SURE_BESIDE_AN_ANSWER if answered else SURE_ENOUGH_TO_REPLACE


def _hear_wish(turn: Turn, draft: Draft, heard: Heard) -> None:
    said = turn.entity("resolution")
    if said is None and turn.intent == "request_exchange":
        said = draft.wish = Resolution.EXCHANGE.value
    if draft.wish not in set(Resolution):
        draft.wish = None
    if said is not None:
        heard.told = True


def _hear_facts(turn: Turn, draft: Draft, heard: Heard, asked: str | None) -> bool:
    """True if the open question about the goods was answered in words."""
    for fact in (*FACTS, "evidence_done"):
        if isinstance(turn.entity(fact), bool):
            setattr(draft, fact, turn.entity(fact))
            heard.told = True
    answer = _yes_or_no(turn, asked) if asked in FACTS else None
    if asked is not None and answer is not None:
        setattr(draft, asked, answer)
        heard.told = True
    if asked == "evidence_done" and not turn.metadata.get("attachments") and _has_none(turn):
        draft.evidence_done = heard.told = True
    return answer is not None


def _yes_or_no(turn: Turn, asked: str | None) -> bool | None:
    """The answer in words. "Never opened" sounds like a no and says that the goods are intact."""
    if asked == "intact" and _UNTOUCHED.search(str(turn.message.get("text") or "")):
        return True
    return {"affirm": True, "deny": False}.get(turn.intent)


def _agrees(turn: Turn) -> bool:
    """A yes, also where it is said as "confirm the refund"; "I do not agree" is none."""
    text = str(turn.message.get("text") or "")
    if turn.intent in ("request_refund", "request_exchange", "inform"):
        return _CONSENT.search(text) is not None and _NONE.search(text) is None and "不" not in text
    return turn.intent == "affirm"


def _has_none(turn: Turn) -> bool:
    """ "I have no pictures" speaks of pictures as "here are my pictures" does: the small word decides."""
    if turn.intent == "submit_evidence":
        return _NONE.search(str(turn.message.get("text") or "")) is not None
    return turn.intent == "deny"


def _hear_confirm(turn: Turn, draft: Draft, heard: Heard, asked: str | None) -> None:
    pressed = turn.entity("confirm")
    if asked != "confirm" or pressed not in (None, draft.explained):
        return
    text = str(turn.message.get("text") or "").strip(_MARKS)
    if turn.intent == "deny" and not heard.corrected and not _says_only_none(text):
        draft.confirm = False
    elif _agrees(turn) and draft.token == draft.explained:
        draft.confirm = True
    heard.told = heard.told or draft.confirm is not None
