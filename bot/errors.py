"""One tree of errors.

RefundDeskError
├── BadInput                 the caller sent something we cannot take (400)
│   └── BadRow               one bad row of an import: carries line and reason
├── NotAllowed               not logged in, wrong key, not your order (401/403)
│   ├── NotAuthenticated
│   └── TooManyTries         (429)
├── NotFound                 (404)
├── Conflict                 somebody was quicker, or the state does not allow it (409)
│   ├── IllegalTransition
│   └── StaleVersion
├── PolicyError              a rule pack is wrong: carries file and line (500 at run time)
├── SetupError               a setting is missing, a port is taken: one clear sentence, exit 2
└── ServiceError             a process or back end we need did not answer (502/503)
    ├── ServiceTimeout
    └── BackendRefused       the shop back end said no; never retried
"""

from typing import ClassVar

from bot.words import Language


class RefundDeskError(Exception):
    """Base of every error we raise.

    `code` is for machines and never changes; `detail` is for the log and the developer and holds no
    personal data; `message(language)` is what a buyer or an agent may read.
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500
    retryable: ClassVar[bool] = False
    texts: ClassVar[dict[Language, str]] = {
        Language.ZH_HANS: "出了点问题，请稍后再试。",
        Language.ZH_HANT: "出了點問題，請稍後再試。",
        Language.EN: "Something went wrong. Please try again in a moment.",
    }

    def __init__(self, detail: str = "", **fields: object) -> None:
        super().__init__(detail or self.code)
        self.detail = detail or self.code
        self.fields = fields

    def message(self, language: Language = Language.EN) -> str:
        """The sentence a person reads, in their language."""
        return self.texts[language]


class BadInput(RefundDeskError):
    code = "bad_input"
    status = 400
    texts = {
        Language.ZH_HANS: "这条内容我们读不懂，请检查后再发一次。",
        Language.ZH_HANT: "這則內容我們讀不懂，請檢查後再傳一次。",
        Language.EN: "We could not read that. Please check it and send it again.",
    }


class BadRow(BadInput):
    """One bad row of an import; `line` counts from 1 as an editor does."""

    code = "bad_row"

    def __init__(self, detail: str, *, line: int) -> None:
        super().__init__(detail, line=line)
        self.line = line


class NotAllowed(RefundDeskError):
    code = "not_allowed"
    status = 403
    texts = {
        Language.ZH_HANS: "您没有权限进行这个操作。",
        Language.ZH_HANT: "您沒有權限進行這個操作。",
        Language.EN: "You are not allowed to do that.",
    }


class NotAuthenticated(NotAllowed):
    code = "not_authenticated"
    status = 401


class TooManyTries(NotAllowed):
    code = "too_many_tries"
    status = 429
    texts = {
        Language.ZH_HANS: "尝试次数太多了，请联系人工客服核实。",
        Language.ZH_HANT: "嘗試次數太多了，請聯絡真人客服核對。",
        Language.EN: "Too many tries. A person can check this with you.",
    }


class NotFound(RefundDeskError):
    code = "not_found"
    status = 404
    texts = {
        Language.ZH_HANS: "没有找到。",
        Language.ZH_HANT: "找不到。",
        Language.EN: "Not found.",
    }


class Conflict(RefundDeskError):
    code = "conflict"
    status = 409
    texts = {
        Language.ZH_HANS: "情况刚刚有变化，请刷新后再试。",
        Language.ZH_HANT: "狀況剛剛有變動，請重新整理後再試。",
        Language.EN: "This has just changed. Please reload and try again.",
    }


class IllegalTransition(Conflict):
    code = "illegal_transition"


class StaleVersion(Conflict):
    code = "stale_version"
    retryable = True


class PolicyError(RefundDeskError):
    """A rule pack that cannot be used; `file` and `line` say where."""

    code = "policy_error"

    def __init__(self, detail: str, *, file: str = "", line: int = 0) -> None:
        super().__init__(f"{file}:{line}: {detail}" if file else detail, file=file, line=line)


class SetupError(RefundDeskError):
    code = "setup_error"


class ServiceError(RefundDeskError):
    code = "service_error"
    status = 502
    retryable = True


class ServiceTimeout(ServiceError):
    code = "service_timeout"
    status = 503


class BackendRefused(ServiceError):
    code = "backend_refused"
    retryable = False
