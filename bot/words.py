"""The field's words, spelled once.

Every other module, the API, the data files and the documentation use exactly these values.
"""

from enum import StrEnum


class Language(StrEnum):
    """Script a buyer writes in. Script is not jurisdiction: see `Market`."""

    ZH_HANS = "zh-Hans"
    ZH_HANT = "zh-Hant"
    EN = "en"


class Market(StrEnum):
    """Whose law applies; comes from the order and the shop, never from the script."""

    CN = "cn"
    TW = "tw"
    HK = "hk"
    EU = "eu"
    UK = "uk"
    US = "us"


class Intent(StrEnum):
    """What a message wants."""

    REQUEST_REFUND = "request_refund"
    REQUEST_EXCHANGE = "request_exchange"
    INFORM = "inform"
    CHECK_REFUND_STATUS = "check_refund_status"
    ASK_POLICY = "ask_policy"
    CANCEL_REFUND = "cancel_refund"
    PROVIDE_RETURN_TRACKING = "provide_return_tracking"
    SUBMIT_EVIDENCE = "submit_evidence"
    APPEAL_DECISION = "appeal_decision"
    REQUEST_HUMAN = "request_human"
    TRACK_ORDER = "track_order"
    CANCEL_ORDER = "cancel_order"
    SHOP_QUESTION = "shop_question"
    AFFIRM = "affirm"
    DENY = "deny"
    GREET = "greet"
    THANK = "thank"
    GOODBYE = "goodbye"
    OUT_OF_SCOPE = "out_of_scope"


class Reason(StrEnum):
    """Why the buyer wants money back; a second head beside the intent."""

    QUALITY_DEFECT = "quality_defect"
    DAMAGED_IN_TRANSIT = "damaged_in_transit"
    WRONG_ITEM = "wrong_item"
    MISSING_PARTS = "missing_parts"
    NOT_AS_DESCRIBED = "not_as_described"
    SIZE_MISMATCH = "size_mismatch"
    COUNTERFEIT = "counterfeit"
    NOT_RECEIVED = "not_received"
    LATE_SHIPMENT = "late_shipment"
    EXPIRED_OR_UNSAFE = "expired_or_unsafe"
    NO_LONGER_WANTED = "no_longer_wanted"
    ORDERED_BY_MISTAKE = "ordered_by_mistake"
    PRICE_CHANGED = "price_changed"
    DUPLICATE_CHARGE = "duplicate_charge"
    SELLER_AGREED = "seller_agreed"
    OTHER = "other"


class Path(StrEnum):
    """The legal road a reason takes. Paths are never merged."""

    NO_REASON = "no_reason"
    NON_CONFORMITY = "non_conformity"
    NON_DELIVERY = "non_delivery"
    BILLING = "billing"
    AGREED = "agreed"
    SAFETY = "safety"


class Resolution(StrEnum):
    """How a case can end well for the buyer."""

    REFUND_ONLY = "refund_only"
    RETURN_AND_REFUND = "return_and_refund"
    PARTIAL_REFUND = "partial_refund"
    EXCHANGE = "exchange"
    RESHIP = "reship"
    REPAIR = "repair"
    PRICE_ADJUSTMENT = "price_adjustment"


class Verdict(StrEnum):
    """What the rules say. `deny` needs a rule that was positively met; missing data is `need_info`."""

    ALLOW = "allow"
    DENY = "deny"
    NEED_INFO = "need_info"
    HUMAN = "human"


class CaseState(StrEnum):
    """Where a refund case stands."""

    SUBMITTED = "submitted"
    UNDER_REVIEW = "under_review"
    COUNTER_OFFERED = "counter_offered"
    APPROVED = "approved"
    AWAITING_RETURN = "awaiting_return"
    RETURN_IN_TRANSIT = "return_in_transit"
    INSPECTING = "inspecting"
    REFUNDING = "refunding"
    REFUND_UNKNOWN = "refund_unknown"
    REFUNDED = "refunded"
    REPLACEMENT_SENT = "replacement_sent"
    REJECTED = "rejected"
    APPEALED = "appealed"
    IN_MEDIATION = "in_mediation"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"


class Mode(StrEnum):
    """Who may speak in a conversation."""

    BOT = "bot"
    QUEUED = "queued"
    HUMAN = "human"
    CLOSED = "closed"


class EvidenceKind(StrEnum):
    """What a piece of evidence shows."""

    PHOTO = "photo"
    VIDEO = "video"
    CHAT_RECORD = "chat_record"
    LOGISTICS_RECORD = "logistics_record"
    DOCUMENT = "document"


class FreightPayer(StrEnum):
    """Who pays to send goods back."""

    BUYER = "buyer"
    SELLER = "seller"
    NONE = "none"


class Author(StrEnum):
    """Who said a line of the transcript."""

    BUYER = "buyer"
    BOT = "bot"
    AGENT = "agent"
    SYSTEM = "system"
