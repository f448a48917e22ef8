"""Where a case stands, in three languages: number, next step, and by when."""

import re

import pytest

from bot.cases.explain import opened_text, status_text
from bot.words import CaseState, Language, Reason
from tests.cases.build import case_in, new_case
from tests.policy.build import NOW

HANS, HANT, EN = Language.ZH_HANS, Language.ZH_HANT, Language.EN


def test_a_case_under_review_says_who_looks_and_by_when() -> None:
    case = new_case(Reason.QUALITY_DEFECT).moved(CaseState.UNDER_REVIEW, actor="system", at=NOW)

    assert opened_text(case, case.decision, HANS) == (
        f"已为您登记，编号 {case.id}。\n人工客服正在审核。最晚 2026年9月14日 12:00（北京时间） 答复您。"
    )
    assert opened_text(case, case.decision, HANT) == (
        f"已為您登記，編號 {case.id}。\n真人客服正在審核。最晚 2026年9月14日 12:00（北京時間） 回覆您。"
    )
    assert opened_text(case, case.decision, EN) == (
        f"Your case is registered: {case.id}.\n"
        "A person is reviewing it. You get an answer by 14 September 2026, 12:00 (Beijing time)."
    )


def test_a_return_says_amount_date_freight_and_address() -> None:
    case = case_in(CaseState.AWAITING_RETURN)

    assert status_text(case, HANS, return_address="示例路 100 号") == (
        f"{case.id}：已同意退货，请寄回商品并告诉我运单号。金额 ¥99.00。"
        "请在 2026年9月19日 24:00（北京时间） 之前寄出。寄回的运费由您承担。退货地址：示例路 100 号。"
    )
    assert status_text(case, EN) == (
        f"{case.id}: The return is approved; please send the goods back and tell me the tracking number. "
        "Amount ¥99.00. Please send them by 19 September 2026, 24:00 (Beijing time). "
        "You pay for sending the goods back."
    )


@pytest.mark.parametrize("state", list(CaseState))
@pytest.mark.parametrize("reason", [Reason.NO_LONGER_WANTED, Reason.QUALITY_DEFECT, Reason.OTHER])
def test_every_state_is_told_alike_in_every_language(state: CaseState, reason: Reason) -> None:
    case = case_in(state, reason)
    texts = [status_text(case, language) for language in Language]

    assert all(text.startswith(case.id) and len(text) > len(case.id) + 3 for text in texts)
    assert len({tuple(re.findall(r"\d+\.\d\d|\d\d:\d\d", text)) for text in texts}) == 1
    assert not re.search(r"[一-鿿]", texts[2])
    assert not re.search(r"[!！]", "".join(texts))


@pytest.mark.parametrize(
    "state",
    [
        CaseState.SUBMITTED,
        CaseState.UNDER_REVIEW,
        CaseState.COUNTER_OFFERED,
        CaseState.REJECTED,
        CaseState.APPEALED,
        CaseState.IN_MEDIATION,
        CaseState.WITHDRAWN,
        CaseState.CLOSED,
    ],
)
def test_no_amount_is_named_before_it_is_agreed(state: CaseState) -> None:
    assert "99.00" not in status_text(case_in(state), HANS)


def test_a_lost_answer_is_said_as_what_it_is() -> None:
    assert "确认退款结果" in status_text(case_in(CaseState.REFUND_UNKNOWN), HANS)
    assert "已退款" not in status_text(case_in(CaseState.REFUND_UNKNOWN), HANS)
