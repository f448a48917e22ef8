"""What the chat says of cases beyond where one stands (that is `bot.cases.explain`)."""

from collections.abc import Sequence

from bot.cases.explain import opened_text, status_text
from bot.cases.model import Case
from bot.conversations.texts import Texts
from bot.policy.rules import Packs
from bot.words import Language

_HANS, _HANT, _EN = Language.ZH_HANS, Language.ZH_HANT, Language.EN

NO_CASES: Texts = {
    _HANS: "目前没有您的退款申请。",
    _HANT: "目前沒有您的退款申請。",
    _EN: "There is no refund case of yours at the moment.",
}
_WHY: Texts = {_HANS: "客服说明：{why}", _HANT: "客服說明：{why}", _EN: "The agent writes: {why}"}
_MAX_SHOWN = 3


def opened_texts(case: Case, packs: Packs) -> Texts:
    """For a case just opened: its number, what happens next and by when."""
    address = packs.shop.return_addresses.get(case.market, "")
    return {language: opened_text(case, case.decision, language, return_address=address) for language in Language}


def news_text(case: Case, packs: Packs, language: Language, *, why: str = "") -> str:
    """The line in the chat when a case has moved; `why` is the agent's own sentence for the buyer."""
    address = packs.shop.return_addresses.get(case.market, "")
    text = status_text(case, language, return_address=address)
    return f"{text}\n{_WHY[language].format(why=why)}" if why else text


def cases_texts(cases: Sequence[Case], packs: Packs) -> Texts:
    """Where each case stands, newest first, one paragraph each; the newest three."""
    if not cases:
        return dict(NO_CASES)
    return {
        language: "\n".join(news_text(case, packs, language) for case in cases[:_MAX_SHOWN]) for language in Language
    }
