"""Where a case stands, in the buyer's words: amounts from the case, dates from its decision, no others."""

from bot.cases.model import Case
from bot.policy.formats import money_text, time_text
from bot.policy.model import Decision
from bot.policy.phrases import FREIGHT, Text, three
from bot.words import CaseState, Language, Resolution

_OPENED = three("已为您登记，编号 {id}。", "已為您登記，編號 {id}。", "Your case is registered: {id}.")

_COLON = three("：", "：", ": ")

_STATES: dict[CaseState, Text] = {
    CaseState.SUBMITTED: three("已提交。", "已送出。", "Submitted."),
    CaseState.UNDER_REVIEW: three("人工客服正在审核。", "真人客服正在審核。", "A person is reviewing it."),
    CaseState.COUNTER_OFFERED: three(
        "客服提出了另一个方案，等您决定是否接受。",
        "客服提出了另一個方案，等您決定是否接受。",
        "We have made you another offer; whether you take it is up to you.",
    ),
    CaseState.APPROVED: three("已同意。", "已同意。", "Approved."),
    CaseState.AWAITING_RETURN: three(
        "已同意退货，请寄回商品并告诉我运单号。",
        "已同意退貨，請寄回商品並告訴我物流單號。",
        "The return is approved; please send the goods back and tell me the tracking number.",
    ),
    CaseState.RETURN_IN_TRANSIT: three(
        "退货在途，等待卖家收货。",
        "退貨寄送中，等待賣家收貨。",
        "Your return is on its way to us.",
    ),
    CaseState.INSPECTING: three(
        "已收到退货，正在检查。",
        "已收到退貨，正在檢查。",
        "Your return has arrived and is being checked.",
    ),
    CaseState.REFUNDING: three("正在退款。", "正在退款。", "The refund is being paid."),
    CaseState.REFUND_UNKNOWN: three(
        "正在向支付方确认退款结果，不会重复退款。",
        "正在向付款機構確認退款結果，不會重複退款。",
        "We are confirming the result of the payment; nothing is paid twice.",
    ),
    CaseState.REFUNDED: three("已退款。", "已退款。", "Refunded."),
    CaseState.REPLACEMENT_SENT: three("商品已重新寄出。", "商品已重新寄出。", "The goods have been sent to you."),
    CaseState.REJECTED: three(
        "没有通过。如果您不同意，可以申诉，由人工客服复核。",
        "沒有通過。如果您不同意，可以申訴，由真人客服重新審核。",
        "Not approved. If you disagree, you can appeal and a person looks at it again.",
    ),
    CaseState.APPEALED: three(
        "已收到您的申诉，由人工客服复核。",
        "已收到您的申訴，由真人客服重新審核。",
        "Your appeal is with us; a person looks at it again.",
    ),
    CaseState.IN_MEDIATION: three("正在调解。", "正在調解。", "In mediation."),
    CaseState.WITHDRAWN: three("已撤回。", "已撤回。", "Withdrawn."),
    CaseState.CLOSED: three("已结束。", "已結束。", "Closed."),
}

_AMOUNT = three("金额 {amount}。", "金額 {amount}。", "Amount {amount}.")
_MONEY_STATES = frozenset(
    {
        CaseState.APPROVED,
        CaseState.AWAITING_RETURN,
        CaseState.RETURN_IN_TRANSIT,
        CaseState.INSPECTING,
        CaseState.REFUNDING,
        CaseState.REFUND_UNKNOWN,
        CaseState.REFUNDED,
    }
)
"""States in which the amount is agreed; before that, naming it would be a promise."""
_PAYS = frozenset(
    {Resolution.REFUND_ONLY, Resolution.RETURN_AND_REFUND, Resolution.PARTIAL_REFUND, Resolution.PRICE_ADJUSTMENT}
)

_BY_WHEN: dict[CaseState, tuple[str, Text]] = {
    CaseState.SUBMITTED: (
        "review_by",
        three("最晚 {at} 答复您。", "最晚 {at} 回覆您。", "You get an answer by {at}."),
    ),
    CaseState.UNDER_REVIEW: (
        "review_by",
        three("最晚 {at} 答复您。", "最晚 {at} 回覆您。", "You get an answer by {at}."),
    ),
    CaseState.AWAITING_RETURN: (
        "send_back_by",
        three("请在 {at} 之前寄出。", "請在 {at} 之前寄出。", "Please send them by {at}."),
    ),
    CaseState.REFUNDING: (
        "refund_by",
        three("最晚 {at} 退回。", "最晚 {at} 退回。", "The money is back by {at}."),
    ),
}
_ADDRESS = three("退货地址：{address}。", "退貨地址：{address}。", "Return address: {address}.")


def status_text(case: Case, language: Language, *, return_address: str = "") -> str:
    """Where `case` stands, the amount once it is agreed, and by when the next step comes."""
    return f"{case.id}{_COLON[language]}{_stands(case, case.decision, language, return_address)}"


def opened_text(case: Case, decision: Decision, language: Language, *, return_address: str = "") -> str:
    """For a case just opened: its number, what happens next and by when."""
    stands = _stands(case, decision, language, return_address)
    return f"{_OPENED[language].format(id=case.id)}\n{stands}"


def _stands(case: Case, decision: Decision, language: Language, return_address: str) -> str:
    parts = [_STATES[case.state][language], *_facts(case, decision, language)]
    if case.state is CaseState.AWAITING_RETURN:
        parts.append(FREIGHT.get(case.freight_payer, {}).get(language, ""))
        if return_address:
            parts.append(_ADDRESS[language].format(address=return_address))
    return (" " if language is Language.EN else "").join(part for part in parts if part)


def _facts(case: Case, decision: Decision, language: Language) -> list[str]:
    parts: list[str] = []
    if case.state in _MONEY_STATES and case.resolution in _PAYS and case.amount:
        parts.append(_AMOUNT[language].format(amount=money_text(case.amount, case.currency, language)))
    if case.state in _BY_WHEN:
        kind, sentence = _BY_WHEN[case.state]
        at = next((deadline for deadline in decision.deadlines if deadline.kind == kind), None)
        if at:
            parts.append(sentence[language].format(at=time_text(at.at, at.zone, language)))
    return parts
