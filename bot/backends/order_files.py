"""Orders from a file: a JSON list, or CSV.

JSON: a list of orders as `bot.orders.Order` has them; times ISO 8601 with a zone, or relative ("-8d").

CSV (UTF-8, first line names the columns): one line per order.
  number, market, currency, status, placed_at, paid_total, items     must be there
  shop, paid_at, shipped_at, delivered_at, shipping_fee, refunded_total, payment_method,
  buyer_id, buyer_name, buyer_phone, buyer_email                      may be there
  items      a JSON list in one cell: [{"sku", "title", "quantity", "unit_price", "paid", ...}]
  tracking   numbers separated by spaces
Money is integer minor units everywhere. A bad row never keeps a good one out.
"""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from bot.errors import BadInput, BadRow
from bot.orders import Order

_BUYER = "buyer_"
_MAX_REASONS = 3


@dataclass(frozen=True, slots=True)
class ParsedOrders:
    """Good orders with the line they stand in, and what is wrong with each bad one."""

    good: tuple[tuple[int, Order], ...]
    bad: tuple[BadRow, ...]


def parse_json(text: str, *, now: datetime, shop: str) -> ParsedOrders:
    """Orders of a JSON list; an order's line is its place in the list, from 1."""
    try:
        rows = json.loads(text)
    except ValueError as error:
        raise BadInput(f"not JSON: {error}") from None
    if isinstance(rows, dict) and isinstance(rows.get("orders"), list):
        rows = rows["orders"]
    if not isinstance(rows, list):
        raise BadInput("a JSON list of orders is needed")
    return parse_rows(enumerate(rows, start=1), now=now, shop=shop)


def parse_csv(text: str, *, now: datetime, shop: str) -> ParsedOrders:
    """Orders of a CSV; an order's line is the line of the file where its row ends."""
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    names = reader.fieldnames or []
    if "number" not in names or "items" not in names:
        raise BadInput("the first line of the CSV must name the columns, among them number and items")
    rows: list[tuple[int, Any]] = []
    try:
        for cells in reader:
            rows.append((reader.line_num, _from_cells(cells)))
    except csv.Error as error:
        raise BadInput(f"line {reader.line_num}: not CSV: {error}") from None
    return parse_rows(iter(rows), now=now, shop=shop)


def parse_rows(rows: Iterator[tuple[int, Any]], *, now: datetime, shop: str) -> ParsedOrders:
    """Validate each row on its own; `shop` is for rows that name none."""
    good: list[tuple[int, Order]] = []
    bad: list[BadRow] = []
    for line, row in rows:
        try:
            good.append((line, _order(row, now=now, shop=shop)))
        except ValidationError as error:
            bad.append(BadRow(_reasons(error), line=line))
        except ValueError as error:
            bad.append(BadRow(str(error), line=line))
    return ParsedOrders(tuple(good), tuple(bad))


def _order(row: Any, *, now: datetime, shop: str) -> Order:
    if not isinstance(row, dict):
        raise ValueError("an order must be an object")
    return Order.model_validate({"shop": shop} | row, context={"now": now})


def _from_cells(cells: dict[str | None, Any]) -> dict[str, Any] | None:
    """One CSV row as an order's JSON; empty cells are left out. None: the row cannot be one."""
    row: dict[str, Any] = {}
    buyer: dict[str, str] = {}
    for name, cell in cells.items():
        if name is None or not (cell or "").strip():
            continue
        name, cell = name.strip(), cell.strip()
        if name.startswith(_BUYER):
            buyer[name.removeprefix(_BUYER)] = cell
        elif name == "items":
            try:
                row[name] = json.loads(cell)
            except ValueError:
                row[name] = cell
        elif name == "tracking":
            row[name] = cell.split()
        else:
            row[name] = cell
    # An order of a guest still belongs to somebody: nobody who can sign in.
    return row | {"buyer": {"id": f"guest:{row.get('number', '')}"} | buyer}


def _reasons(error: ValidationError) -> str:
    found = [f"{'.'.join(map(str, e['loc'])) or 'order'}: {e['msg']}" for e in error.errors()]
    more = f" (and {len(found) - _MAX_REASONS} more)" if len(found) > _MAX_REASONS else ""
    return "; ".join(found[:_MAX_REASONS]) + more
