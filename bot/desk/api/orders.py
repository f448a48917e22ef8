"""Orders in and out of the embedded back end."""

from typing import Any

from anyio import to_thread
from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel

from bot.backends.embedded import EmbeddedBackend, Imported
from bot.desk.auth import get_desk, require_api_key
from bot.desk.problems import PROBLEMS
from bot.desk.services import Desk
from bot.errors import BadInput, Conflict, NotFound
from bot.orders import Order

router = APIRouter(
    prefix="/api/v1/orders", tags=["orders"], dependencies=[Depends(require_api_key)], responses=PROBLEMS
)

_MAX_IMPORT_BYTES = 50_000_000


class BadRowJson(BaseModel):
    line: int
    reason: str


class ImportAnswer(BaseModel):
    """`line` counts from 1: where a JSON order begins (its place, if all is one line), where a CSV row ends."""

    taken: int
    bad: list[BadRowJson]


_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": {"type": "array", "items": {"type": "object"}}},
            "text/csv": {"schema": {"type": "string"}},
        },
    }
}


@router.post("/import", summary="Take a list of orders; bad rows are named, good ones kept.", openapi_extra=_BODY)
async def import_orders(request: Request, desk: Desk = Depends(get_desk)) -> ImportAnswer:
    """A JSON list, or CSV with content type text/csv; the same order again replaces its data."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MAX_IMPORT_BYTES:
            raise BadInput(f"more than {_MAX_IMPORT_BYTES} bytes in one import")
    is_csv = request.headers.get("content-type", "").split(";")[0].strip().lower() == "text/csv"
    imported = await to_thread.run_sync(_import, desk, bytes(body), is_csv)
    return ImportAnswer(taken=imported.taken, bad=[BadRowJson(line=b.line, reason=b.detail) for b in imported.bad])


def _import(desk: Desk, body: bytes, is_csv: bool) -> Imported:
    if not isinstance(desk.backend, EmbeddedBackend):
        raise Conflict("orders come from the shop, not from files")
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput("orders must be UTF-8") from None
    return desk.backend.import_text(text, is_csv=is_csv, shop=desk.settings.shop)


@router.get("/{number}", summary="One order as it is now.")
def read_order(number: str, desk: Desk = Depends(get_desk)) -> Order:
    order = desk.backend.get_order(desk.settings.shop, number)
    if order is None:
        raise NotFound("no such order")
    return order
