"""The sentences that belong to no single rule, in three languages, side by side.

Traditional Chinese is Taiwan's wording, written by hand. Sentences of a rule live with the rule.
"""

from bot.policy.model import Need
from bot.words import FreightPayer, Language, Resolution

Text = dict[Language, str]


def three(hans: str, hant: str, english: str) -> Text:
    """One text in the three languages, in the order they are always written here."""
    return {Language.ZH_HANS: hans, Language.ZH_HANT: hant, Language.EN: english}


def fill(text: Text, **facts: object) -> Text:
    return {language: sentence.format(**facts) for language, sentence in text.items()}


NEEDS: dict[str, Need] = {
    "differs_from_chart": Need(
        fact="differs_from_chart",
        question=three(
            "请问商品的实际尺寸和尺码表上写的不一致吗？",
            "請問商品的實際尺寸和尺寸表上寫的不一樣嗎？",
            "Do its measurements differ from the size chart on the page?",
        ),
        yes=three("和尺码表不一致", "和尺寸表不一樣", "Yes, they differ"),
        no=three("一致，只是不合身", "一樣，只是不合身", "No, it just does not fit"),
    ),
    "differs_from_description": Need(
        fact="differs_from_description",
        question=three(
            "请问商品和页面上的描述或图片不一致吗？",
            "請問商品和頁面上的說明或圖片不一樣嗎？",
            "Does it differ from the description or pictures on the page?",
        ),
        yes=three("和页面不一致", "和頁面不一樣", "Yes, it differs"),
        no=three("一致，只是不喜欢", "一樣，只是不喜歡", "No, I just do not like it"),
    ),
    "received": Need(
        fact="received",
        question=three(
            "系统里还没有这个订单的签收记录。请问您已经收到商品了吗？",
            "系統裡還沒有這筆訂單的簽收紀錄。請問您已經收到商品了嗎？",
            "We have no record of delivery for this order yet. Have you received the goods?",
        ),
        yes=three("已经收到", "已經收到", "Yes, I have"),
        no=three("还没收到", "還沒收到", "No, not yet"),
    ),
}
"""Facts without which the path is not known. The question on intact goods lies in shop.yml."""

NO_RULE = three(
    "这个情况没有可以直接适用的规则，需要人工客服为您判断。",
    "這個情況沒有可以直接適用的規則，需要真人客服為您判斷。",
    "No rule we hold answers this directly, so a person will decide with you.",
)

WINDOW = three(
    "在此之前提出即可。",
    "在此之前提出即可。",
    "It is enough to ask before then.",
)
WINDOW_RETURN = three(
    "在此之前提出即可；卖家收到退回的商品后 {days} 天内退款。",
    "在此之前提出即可；賣家收到退回的商品後 {days} 天內退款。",
    "It is enough to ask before then; the refund follows within {days} days of your goods reaching us.",
)
SEND_BACK = three(
    "请在此之前寄出；卖家收到退回的商品后 {days} 天内退款。",
    "請在此之前寄出；賣家收到退回的商品後 {days} 天內退款。",
    "Please send the goods before then; the refund follows within {days} days of their reaching us.",
)
REFUND_BY = three(
    "最晚在此之前，款项原路退回。",
    "最晚在此之前，款項會依原付款方式退回。",
    "The money goes back the way it was paid, by then at the latest.",
)
REVIEW_BY = three(
    "最晚在此之前，人工客服会处理并答复您。",
    "最晚在此之前，真人客服會處理並回覆您。",
    "A person looks at it and answers you by then at the latest.",
)

RESOLUTIONS: dict[Resolution, Text] = {
    Resolution.REFUND_ONLY: three("退款", "退款", "a refund"),
    Resolution.RETURN_AND_REFUND: three("退货退款", "退貨退款", "a return for a refund"),
    Resolution.PARTIAL_REFUND: three("部分退款", "部分退款", "a partial refund"),
    Resolution.EXCHANGE: three("换货", "換貨", "an exchange"),
    Resolution.RESHIP: three("补发", "補寄", "sending again"),
    Resolution.REPAIR: three("维修", "維修", "a repair"),
    Resolution.PRICE_ADJUSTMENT: three("退差价", "退差價", "a price adjustment"),
}

FREIGHT: dict[FreightPayer, Text] = {
    FreightPayer.BUYER: three("寄回的运费由您承担。", "寄回的運費由您負擔。", "You pay for sending the goods back."),
    FreightPayer.SELLER: three(
        "寄回的运费由卖家承担。", "寄回的運費由賣家負擔。", "The seller pays for sending the goods back."
    ),
}

FILED = three("订单 {number}：{goods}。", "訂單 {number}：{goods}。", "Order {number}: {goods}.")
BECAUSE = three("原因：{reason}。", "原因：{reason}。", "Reason: {reason}.")
BY_WAY_OF = three("处理方式：{best}。", "處理方式：{best}。", "Resolution: {best}.")
AND_MORE = three("{goods}等 {count} 种", "{goods}等 {count} 項", "{goods} and more ({count} items)")
ALLOWED = three(
    "可以办理{best}。依据：{cited}。", "可以辦理{best}。依據：{cited}。", "You can have {best}. Basis: {cited}."
)
ALSO = three("也可以选择：{others}。", "也可以選擇：{others}。", "You may choose instead: {others}.")
TOTAL = three(
    "退款金额：{lines}，合计 {total}。", "退款金額：{lines}，合計 {total}。", "Refund: {lines}; in total {total}."
)
DENIED = three("依据：{cited}。", "依據：{cited}。", "Basis: {cited}.")
HUMAN = three("这件事由人工客服处理。", "這件事由真人客服處理。", "A person will handle this.")
WANTED = three("还需要您提供：{wanted}。", "還需要您提供：{wanted}。", "We still need: {wanted}.")
WELCOME = three("如果方便，也请提供：{wanted}。", "如果方便，也請提供：{wanted}。", "If you can, also send: {wanted}.")
FREIGHT_OUT = three("原订单运费", "原訂單運費", "delivery charge")
ALREADY_REFUNDED = three("此前已退", "先前已退", "already refunded")
"""A line of the amounts, so a noun; the amount after it is negative."""

DEADLINES: dict[str, Text] = {
    "return_window_ends": three("申请截止：{at}。{then}", "申請期限：{at}。{then}", "Ask by {at}. {then}"),
    "send_back_by": three("寄回截止：{at}。{then}", "寄回期限：{at}。{then}", "Send back by {at}. {then}"),
    "refund_by": three("退款时间：{at}。{then}", "退款時間：{at}。{then}", "Refund by {at}. {then}"),
    "review_by": three("处理时间：{at}。{then}", "處理時間：{at}。{then}", "Review by {at}. {then}"),
}
