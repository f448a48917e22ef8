"""What the desk itself says to a buyer, in three languages. Everything else is said by the dialogue or a decision."""

from bot.words import Language

Texts = dict[Language, str]

_HANS, _HANT, _EN = Language.ZH_HANS, Language.ZH_HANT, Language.EN

GREETING: Texts = {
    _HANS: "您好，我是自动客服助手（机器人）。我可以帮您申请退款、查询退款进度、说明退换规则；"
    "需要时随时为您转人工客服。",
    _HANT: "您好，我是自動客服助理（機器人）。我可以協助您申請退款、查詢退款進度、說明退換貨規則；"
    "需要時隨時為您轉接真人客服。",
    _EN: "Hello, I am an automated assistant (a bot). I can help you ask for a refund, tell you where a refund stands "
    "and explain the rules, and I can bring in a person whenever you want.",
}

GREETING_BUTTONS: tuple[tuple[Texts, str], ...] = (
    ({_HANS: "申请退款", _HANT: "申請退款", _EN: "Ask for a refund"}, "/request_refund"),
    ({_HANS: "查询退款进度", _HANT: "查詢退款進度", _EN: "Where is my refund"}, "/check_refund_status"),
    ({_HANS: "转人工客服", _HANT: "轉接真人客服", _EN: "Talk to a person"}, "/request_human"),
)

BOT_FAILED: Texts = {
    _HANS: "抱歉，自动助手暂时无法回答。您的消息已经保存，已为您转人工客服，请稍候。",
    _HANT: "抱歉，自動助理暫時無法回答。您的訊息已經保存，已為您轉接真人客服，請稍候。",
    _EN: "Sorry, the assistant cannot answer at the moment. Your message is saved and a person will take over here.",
}

UNKNOWN_BUTTON: Texts = {
    _HANS: "这个选项已经失效了，请直接用文字告诉我您的想法。",
    _HANT: "這個選項已經失效了，請直接用文字告訴我您的想法。",
    _EN: "This choice is no longer open. Please tell me in your own words.",
}

HANDED_BACK: Texts = {
    _HANS: "人工客服已将对话交回自动助手，您可以继续提问。",
    _HANT: "真人客服已將對話交回自動助理，您可以繼續提問。",
    _EN: "The conversation is back with the automated assistant. You can go on asking.",
}

RELEASED: Texts = {
    _HANS: "已为您重新排队，请等候下一位人工客服。",
    _HANT: "已為您重新排隊，請等候下一位真人客服。",
    _EN: "You are back in the queue. The next person will take over here.",
}

CLOSED: Texts = {
    _HANS: "本次对话已结束。如有需要，直接发消息即可重新开始。",
    _HANT: "本次對話已結束。如有需要，直接傳訊息即可重新開始。",
    _EN: "This conversation is closed. Send a message whenever you need us again.",
}

_QUEUED_FIRST: Texts = {
    _HANS: "已为您转人工客服，您是下一位。您说过的内容和资料客服都能看到，不需要重复。",
    _HANT: "已為您轉接真人客服，您是下一位。您說過的內容和資料客服都看得到，不需要重複。",
    _EN: "A person will take over here, and you are next. They see everything you have said and sent.",
}

_QUEUED_BEHIND: Texts = {
    _HANS: "已为您转人工客服，您前面还有 {n} 位。您说过的内容和资料客服都能看到，不需要重复。",
    _HANT: "已為您轉接真人客服，您前面還有 {n} 位。您說過的內容和資料客服都看得到，不需要重複。",
    _EN: "A person will take over here; people waiting before you: {n}. They see everything you have said and sent.",
}

_WITH_PERSON: Texts = {
    _HANS: "人工客服已经在处理您的问题。",
    _HANT: "真人客服已經在處理您的問題。",
    _EN: "A person is already looking after you.",
}

_AGENT_JOINED: Texts = {
    _HANS: "人工客服{name}已接入，正在为您服务。",
    _HANT: "真人客服{name}已接手，正在為您服務。",
    _EN: "{name} from our team has joined.",
}

_SOMEBODY: Texts = {_HANS: "", _HANT: "", _EN: "A person"}


def queued(waiting_before: int) -> Texts:
    """What somebody hears who is put into the queue behind `waiting_before` others."""
    texts = _QUEUED_BEHIND if waiting_before else _QUEUED_FIRST
    return {language: text.format(n=waiting_before) for language, text in texts.items()}


def with_person() -> Texts:
    """What somebody hears who asks for a person and has one already."""
    return dict(_WITH_PERSON)


def agent_joined(name: str, language: Language) -> str:
    """The line when a person takes over; `name` may be empty."""
    shown = f" {name} " if name and language is not _EN else name
    return _AGENT_JOINED[language].format(name=shown or _SOMEBODY[language])
