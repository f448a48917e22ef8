"""Errors as problem documents (RFC 9457): one shape for every refusal of the API."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from bot.errors import BadInput, NotAuthenticated, RefundDeskError
from bot.words import Language

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"

_RESERVED = frozenset({"type", "title", "status", "detail", "code"})
_SCHEMA = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string", "description": "What a person may read."},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What a developer needs; no personal data."},
        "code": {"type": "string", "description": "For machines; never changes."},
    },
}
PROBLEMS: dict[int | str, dict[str, Any]] = {
    kind: {"description": "A problem document (RFC 9457).", "content": {MEDIA_TYPE: {"schema": _SCHEMA}}}
    for kind in ("4XX", "5XX")
}
"""For `responses=` of every router: what a refusal looks like."""

_CODES = {404: "not_found", 405: "method_not_allowed", 401: "not_authenticated", 403: "not_allowed"}


def problem(
    status: int,
    code: str,
    *,
    title: str,
    detail: str,
    fields: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """One problem document; `fields` are added to it."""
    extra = {name: value for name, value in (fields or {}).items() if name not in _RESERVED}
    body = {"type": f"urn:refunddesk:problem:{code}", "title": title, "status": status, "detail": detail, "code": code}
    return JSONResponse(
        jsonable_encoder(body | extra), status, media_type=MEDIA_TYPE, headers=dict(headers) if headers else None
    )


def install(app: FastAPI) -> None:
    """Answer every error of ours, of validation and of routing with a problem document."""
    app.add_exception_handler(RefundDeskError, _own)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


def _own(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RefundDeskError)
    if error.status >= 500:
        log.warning("request_failed", path=request.url.path, code=error.code, detail=error.detail)
    headers = {"WWW-Authenticate": "Bearer"} if isinstance(error, NotAuthenticated) else None
    code = str(error.fields.get("code") or error.code)
    return problem(
        error.status, code, title=error.message(Language.EN), detail=error.detail, fields=error.fields, headers=headers
    )


def _validation(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    # What was sent is not repeated: it may hold a buyer's words or a file.
    wrong = [{"where": ".".join(map(str, e["loc"])), "why": e["msg"]} for e in error.errors()]
    detail = "; ".join(f"{w['where']}: {w['why']}" for w in wrong[:5])
    title = BadInput("").message(Language.EN)
    return problem(422, BadInput.code, title=title, detail=detail, fields={"errors": wrong})


def _http(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    title = HTTPStatus(error.status_code).phrase
    code = _CODES.get(error.status_code, BadInput.code if error.status_code < 500 else RefundDeskError.code)
    return problem(error.status_code, code, title=title, detail=str(error.detail), headers=error.headers)


def _unexpected(request: Request, error: Exception) -> JSONResponse:
    log.error("request_broke", path=request.url.path, error=type(error).__name__)
    title = RefundDeskError().message(Language.EN)
    return problem(500, RefundDeskError.code, title=title, detail="an error on our side; it is in the log")
