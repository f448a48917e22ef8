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
import re
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
    """Orders of a JSON list. An order's line is the line of the file where it begins, or, where the whole
    list stands on one line, its place in the list.
    """
    start = _LIST.match(text)
    if start is None:
        raise BadInput("a JSON list of orders is needed")
    rows = _elements(text, start.end())
    if "\n" not in text.strip():
        rows = [(place, row) for place, (_, row) in enumerate(rows, start=1)]
    return parse_rows(iter(rows), now=now, shop=shop)


_LIST = re.compile(r"\ufeff?\s*\[")
_SPACE = re.compile(r"\s*")


def _elements(text: str, position: int) -> list[tuple[int, Any]]:
    """What stands in the list that opens before `position`, each with its line."""
    decoder = json.JSONDecoder()
    found: list[tuple[int, Any]] = []
    line, counted = 1, 0
    while True:
        position = _end_of(_SPACE, text, position)
        if text[position : position + 1] == "]":
            if text[position + 1 :].strip():
                raise BadInput("not JSON: something follows the list")
            return found
        line, counted = line + text.count("\n", counted, position), position
        try:
            value, position = decoder.raw_decode(text, position)
        except ValueError as error:
            raise BadInput(f"not JSON: {error}") from None
        found.append((line, value))
        position = _end_of(_SPACE, text, position)
        if text[position : position + 1] == ",":
            position = _end_of(_SPACE, text, position + 1)
            if text[position : position + 1] == "]":
                raise BadInput("not JSON: a comma before the end of the list")
        elif text[position : position + 1] != "]":
            raise BadInput(f"not JSON: a comma or ] is missing after the order in line {line}")


def _end_of(pattern: re.Pattern[str], text: str, position: int) -> int:
    match = pattern.match(text, position)
    return match.end() if match else position


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
