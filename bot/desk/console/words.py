"""What the console says, in three languages. One key, three sentences: none can be forgotten in one language."""

from bot.desk.console.terms import TERMS
from bot.words import Language

COOKIE = "refunddesk_console_language"
NAMES = {Language.ZH_HANS: "简体", Language.ZH_HANT: "繁體", Language.EN: "English"}

_LINES: dict[str, tuple[str, str, str]] = {
    "brand": ("退款客服工作台", "退款客服工作台", "RefundDesk console"),
    "skip": ("跳到正文", "跳到主要內容", "Skip to content"),
    "language": ("语言", "語言", "Language"),
    "logout": ("退出登录", "登出", "Log out"),
    "login": ("登录", "登入", "Log in"),
    "username": ("用户名", "使用者名稱", "User name"),
    "password": ("密码", "密碼", "Password"),
    "login_lead": (
        "处理买家的退款会话和退款单",
        "處理買家的退款對話與退款單",
        "Take over chats and decide refund cases",
    ),
    "login_wrong": (
        "用户名或密码不对，请检查后再试。",
        "使用者名稱或密碼不對，請檢查後再試。",
        "The user name or the password is wrong. Please check both and try again.",
    ),
    "login_locked": (
        "失败次数太多，请等 {minutes} 分钟再登录。",
        "失敗次數太多，請等 {minutes} 分鐘再登入。",
        "Too many failed logins. Please wait {minutes} minutes and try again.",
    ),
    "session_over": (
        "登录已过期，请重新登录。",
        "登入已過期，請重新登入。",
        "Your login has expired. Please log in again.",
    ),
    # the list
    "conversations": ("会话", "對話", "Conversations"),
    "waiting": ("等待人工", "等候真人", "Waiting"),
    "human": ("人工服务中", "真人服務中", "With a person"),
    "bot": ("机器人服务中", "機器人服務中", "With the bot"),
    "closed": ("已结束", "已結束", "Closed"),
    "mode_queued": ("等待人工", "等候真人", "waiting"),
    "mode_human": ("人工", "真人", "person"),
    "mode_bot": ("机器人", "機器人", "bot"),
    "mode_closed": ("已结束", "已結束", "closed"),
    "none_waiting": ("没有人在等。", "沒有人在等。", "Nobody is waiting."),
    "none_here": ("暂时没有。", "目前沒有。", "None at the moment."),
    "waited": ("已等 {time}", "已等 {time}", "waiting {time}"),
    "ago": ("{time}前", "{time}前", "{time} ago"),
    "just_now": ("刚刚", "剛剛", "just now"),
    "minutes": ("{n} 分钟", "{n} 分鐘", "{n} min"),
    "hours": ("{n} 小时", "{n} 小時", "{n} h"),
    "days": ("{n} 天", "{n} 天", "{n} d"),
    "guest": ("访客", "訪客", "Guest"),
    "mine": ("我的", "我的", "mine"),
    "live": ("实时更新", "即時更新", "Live"),
    "offline": (
        "连接中断，正在重连；页面内容可能不是最新。",
        "連線中斷，正在重新連線；頁面內容可能不是最新。",
        "Connection lost, reconnecting. This page may be out of date.",
    ),
    "no_text": ("（图片或文件）", "（照片或檔案）", "(picture or file)"),
    # the conversation
    "back": ("返回列表", "返回列表", "Back to the list"),
    "transcript": ("聊天记录", "對話紀錄", "Transcript"),
    "empty_transcript": ("还没有消息。", "還沒有訊息。", "No messages yet."),
    "buyer": ("买家", "買家", "Buyer"),
    "author_bot": ("机器人", "機器人", "Bot"),
    "author_agent": ("客服", "客服", "Agent"),
    "author_system": ("系统", "系統", "System"),
    "buttons_shown": ("给买家的按钮", "給買家的按鈕", "Buttons shown to the buyer"),
    "picture": ("买家发来的图片：{name}", "買家傳來的照片：{name}", "Picture from the buyer: {name}"),
    "buyer_typing": ("买家正在输入…", "買家正在輸入…", "The buyer is typing…"),
    "verified": ("身份已验证", "身分已驗證", "Verified"),
    "verified_note": ("由店铺签名确认", "由商店簽章確認", "signed by the shop"),
    "proved": ("已核实订单", "已核對訂單", "Order proved"),
    "proved_note": ("凭订单号和手机尾号", "以訂單編號和手機末四碼", "by order number and phone"),
    "unverified": ("身份未验证", "身分未驗證", "Not verified"),
    "unverified_note": (
        "不要透露订单内容，先请买家核实。",
        "請勿透露訂單內容，先請買家核對。",
        "Do not talk about orders before the buyer has proved one.",
    ),
    "failed_proofs": ("核实失败 {n} 次", "核對失敗 {n} 次", "{n} failed proofs"),
    "handoff": ("转人工原因", "轉真人原因", "Handed over because"),
    "claim": ("接手会话", "接手對話", "Take over"),
    "claim_help": (
        "接手后机器人立刻停止回复。",
        "接手後機器人立刻停止回覆。",
        "The bot falls silent the moment you take over.",
    ),
    "handback": ("交回机器人", "交回機器人", "Hand back to the bot"),
    "release": ("放回队列", "放回佇列", "Back to the queue"),
    "close": ("结束会话", "結束對話", "Close"),
    "reply": ("回复买家", "回覆買家", "Reply to the buyer"),
    "reply_hint": (
        "Enter 或 Ctrl+Enter 发送，Shift+Enter 换行",
        "Enter 或 Ctrl+Enter 送出，Shift+Enter 換行",
        "Enter or Ctrl+Enter sends, Shift+Enter starts a new line",
    ),
    "send": ("发送", "送出", "Send"),
    "reply_not_yours": (
        "先接手会话，才能回复买家。",
        "先接手對話，才能回覆買家。",
        "Take over the chat first, then you can reply.",
    ),
    "held_by": ("{name} 正在处理这个会话。", "{name} 正在處理這個對話。", "{name} has this chat."),
    "held_by_next": (
        "如需接手，请联系对方先交回机器人或结束会话。",
        "如需接手，請聯絡對方先交回機器人或結束對話。",
        "To take it, ask them to hand it back or close it first.",
    ),
    "closed_help": (
        "会话已结束。买家再发消息时会重新打开，到时可以接手。",
        "對話已結束。買家再傳訊息時會重新開啟，到時可以接手。",
        "This chat is closed. It opens again when the buyer writes, and can be taken over then.",
    ),
    # the panel
    "order": ("订单", "訂單", "Order"),
    "no_order": ("机器人还没有确认订单。", "機器人還沒有確認訂單。", "The bot has not found out which order yet."),
    "ordered": ("下单", "下單", "Placed"),
    "shipped": ("发货", "出貨", "Shipped"),
    "delivered": ("签收", "簽收", "Delivered"),
    "not_delivered": ("尚未签收", "尚未簽收", "not yet"),
    "paid_total": ("实付", "實付", "Paid"),
    "refunded_total": ("已退", "已退", "Refunded so far"),
    "refundable": ("还可退", "還可退", "Can still be refunded"),
    "shipping_fee": ("运费", "運費", "Shipping"),
    "market": ("市场", "市場", "Market"),
    "tracking": ("物流单号", "物流單號", "Tracking"),
    "reason": ("退款原因", "退款原因", "Reason"),
    "confidence": ("把握 {n}%", "把握 {n}%", "{n}% sure"),
    "no_reason": ("买家还没有说明原因。", "買家還沒有說明原因。", "The buyer has not said why yet."),
    "wish": ("买家想要", "買家想要", "The buyer wants"),
    "evidence": ("凭证", "證據", "Evidence"),
    "no_evidence": ("还没有凭证。", "還沒有證據。", "No evidence yet."),
    "decision": ("规则结论", "規則結論", "What the rules say"),
    "no_decision": (
        "还没有结论：订单和原因齐了才会计算。",
        "還沒有結論：訂單和原因齊了才會計算。",
        "Nothing yet: the rules need an order and a reason.",
    ),
    "automatic": ("可按规则自动处理", "可依規則自動處理", "Settled by rule"),
    "amount": ("金额", "金額", "Amount"),
    "total": ("合计", "合計", "Total"),
    "freight": ("退货运费", "退貨運費", "Return freight"),
    "options": ("可选方案", "可選方案", "Options"),
    "wanted": ("需要的凭证", "需要的證據", "Evidence wanted"),
    "given": ("已提供", "已提供", "given"),
    "missing": ("未提供", "未提供", "missing"),
    "optional": ("可选", "可選", "optional"),
    "deadlines": ("期限", "期限", "Deadlines"),
    "rules": ("适用规则", "適用規則", "Rules applied"),
    "trace": ("完整规则过程（{n} 条）", "完整規則過程（{n} 條）", "Every rule that was looked at ({n})"),
    "met": ("成立", "成立", "met"),
    "not_met": ("不成立", "不成立", "not met"),
    "unverified_source": ("出处待核对", "出處待核對", "source not verified"),
    "cases": ("退款单", "退款單", "Cases"),
    "no_cases": ("还没有退款单。", "還沒有退款單。", "No cases yet."),
    "log": ("处理记录（{n}）", "處理紀錄（{n}）", "Log ({n})"),
    "approve": ("同意", "同意", "Approve"),
    "approve_confirm": (
        "同意后将按 {amount} 执行，金额会再核对一次。",
        "同意後將依 {amount} 執行，金額會再核對一次。",
        "Approving carries out {amount}. The amount is checked once more.",
    ),
    "refuse": ("拒绝", "拒絕", "Refuse"),
    "refuse_why": ("拒绝原因（会原样发给买家）", "拒絕原因（會原樣傳給買家）", "Why (the buyer reads these words)"),
    "refuse_send": ("拒绝并告知买家", "拒絕並告知買家", "Refuse and tell the buyer"),
    "approve_no_amount": (
        "规则没有给出金额，请填写后再同意；金额会再核对一次。",
        "規則沒有給出金額，請填寫後再同意；金額會再核對一次。",
        "The rules proposed no amount. Fill one in to approve; it is checked once more.",
    ),
    "approve_other": (
        "方案：{solution}。同意后请在聊天里告诉买家怎么安排。",
        "方案：{solution}。同意後請在對話裡告訴買家如何安排。",
        "Solution: {solution}. Once approved, tell the buyer in the chat how it is done.",
    ),
    "change": ("更改方案或金额", "更改方案或金額", "Change solution or amount"),
    "solution": ("方案", "方案", "Solution"),
    "note": ("备注（不发给买家）", "備註（不傳給買家）", "Note (the buyer does not see it)"),
    "pay": ("已收到退货，退款", "已收到退貨，退款", "Goods are back: refund"),
    "pay_confirm": (
        "确认商品已收到并完好后，退款 {amount}。",
        "確認商品已收到並完好後，退款 {amount}。",
        "Once the goods are here and in order, {amount} is refunded.",
    ),
    "case_done": (
        "现在没有需要您决定的事。",
        "現在沒有需要您決定的事。",
        "There is nothing for you to decide now.",
    ),
    "case_floor": (
        "{name} 正在处理这个会话，由对方决定。",
        "{name} 正在處理這個對話，由對方決定。",
        "{name} has this chat and decides.",
    ),
    # notices and errors
    "ok_claim": ("已接手，机器人不会再回复。", "已接手，機器人不會再回覆。", "This chat is yours. The bot is silent."),
    "ok_handback": ("已交回机器人。", "已交回機器人。", "Handed back to the bot."),
    "ok_release": ("已放回队列。", "已放回佇列。", "Back in the queue."),
    "ok_close": ("会话已结束。", "對話已結束。", "The chat is closed."),
    "ok_reply": ("已发送。", "已送出。", "Sent."),
    "ok_approve": ("已同意，状态见退款单。", "已同意，狀態見退款單。", "Approved. The case shows where it stands."),
    "ok_pay": ("已退款，状态见退款单。", "已退款，狀態見退款單。", "Paid. The case shows where it stands."),
    "ok_refuse": ("已拒绝，买家已收到原因。", "已拒絕，買家已收到原因。", "Refused. The buyer has been told why."),
    "error_title": ("没有做成", "沒有完成", "That did not work"),
    "error_csrf": (
        "页面已过期，什么都没有改动。请刷新页面后再试。",
        "頁面已過期，沒有任何變動。請重新整理後再試。",
        "This page was too old and nothing was changed. Reload it and try again.",
    ),
    "error_not_found": (
        "没有找到这个会话。它可能已被删除，请返回列表。",
        "找不到這個對話。它可能已被刪除，請返回列表。",
        "There is no such chat. Go back to the list and pick another.",
    ),
    "error_not_found_case": (
        "没有找到这个退款单，请刷新页面。",
        "找不到這張退款單，請重新整理。",
        "There is no such case here. Reload the page.",
    ),
    "error_conflict": (
        "情况刚刚有变化，这一步没有执行。请看一下现在的状态再决定。",
        "狀況剛剛有變動，這一步沒有執行。請看一下現在的狀態再決定。",
        "Something changed a moment ago and this was not done. Look at the state below and decide again.",
    ),
    "error_why": (
        "请写明拒绝原因，买家会看到这段话。",
        "請寫明拒絕原因，買家會看到這段話。",
        "Please write why. The buyer will read it.",
    ),
    "error_amount": (
        "请填写大于 0 的金额，最多两位小数，例如 12.50。",
        "請填寫大於 0 的金額，最多兩位小數，例如 12.50。",
        "Please give an amount above zero with at most two decimals, for example 12.50.",
    ),
    "error_too_much": (
        "这笔订单还可退 {left}，金额超出，没有执行。请改小后再试。",
        "這筆訂單還可退 {left}，金額超出，沒有執行。請改小後再試。",
        "Only {left} of this order can still be refunded. Nothing was done; lower the amount and try again.",
    ),
    "error_empty": ("请先写下回复内容。", "請先寫下回覆內容。", "Please write the reply first."),
    "error_long": (
        "内容超过 {n} 个字，请分几条发送。",
        "內容超過 {n} 個字，請分幾則傳送。",
        "This is longer than {n} characters. Please send it in several messages.",
    ),
    "error_other": (
        "这一步没有执行。请刷新页面再试；仍不行请联系管理员。",
        "這一步沒有執行。請重新整理後再試；仍不行請聯絡管理員。",
        "This was not done. Reload and try again; if it fails again, tell your administrator.",
    ),
    "error_network": (
        "没有发出去。内容还在框里，请检查网络后再发。",
        "沒有送出。內容還在框裡，請檢查網路後再傳。",
        "It was not sent. Your words are still here; check the connection and send again.",
    ),
    "reload": ("刷新页面", "重新整理", "Reload"),
}

_INDEX = {Language.ZH_HANS: 0, Language.ZH_HANT: 1, Language.EN: 2}


class Words:
    """The console's words in one language: `words("claim")`, `words.term("state", "refunded")`."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._index = _INDEX[language]

    def __call__(self, key: str, **values: object) -> str:
        line = _LINES[key][self._index]
        return line.format(**values) if values else line

    def term(self, kind: str, value: object) -> str:
        """`value` in words; a value that is not in the list is shown as it is, so that nothing is hidden."""
        lines = TERMS[kind].get(str(value))
        return lines[self._index] if lines else str(value)


_ALL = {language: Words(language) for language in Language}


def words_for(language: Language) -> Words:
    """The words of one language; made once."""
    return _ALL[language]


def pick_language(cookie: str | None, accept_language: str | None) -> Language:
    """The agent's choice, else what the browser asks for first, else Simplified Chinese."""
    if cookie in set(Language):
        return Language(cookie)
    for part in (accept_language or "").split(","):
        tag = part.split(";")[0].strip().lower()
        if tag.startswith("zh"):
            if "hans" in tag:
                return Language.ZH_HANS
            is_traditional = any(mark in tag for mark in ("hant", "tw", "hk", "mo"))
            return Language.ZH_HANT if is_traditional else Language.ZH_HANS
        if tag.startswith("en"):
            return Language.EN
    return Language.ZH_HANS
