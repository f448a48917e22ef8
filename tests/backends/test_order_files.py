"""Good rows are kept, each bad row is named."""

import csv
import io
import json

import pytest

from bot.backends.order_files import parse_csv, parse_json
from bot.errors import BadInput
from tests.backends.build import NOW, order, order_data


def test_a_bad_order_of_a_long_json_file_is_named_by_the_line_it_begins_in() -> None:
    text = json.dumps([order_data("A-1"), {"number": "A-2"}, order_data("A-3")], indent=1)

    parsed = parse_json(text, now=NOW, shop="demo")

    begins = text[: text.index('"A-2"')].count("\n")
    assert [row.line for row in parsed.bad] == [begins]
    assert [order.number for _, order in parsed.good] == ["A-1", "A-3"]


@pytest.mark.parametrize("text", ["", "{}", "[1,]", "[1 2]", "[1] x", "[", '[{"a": }]'])
def test_what_is_no_json_list_is_bad_input(text: str) -> None:
    with pytest.raises(BadInput):
        parse_json(text, now=NOW, shop="demo")


def test_a_json_list_keeps_the_good_rows_and_names_the_bad() -> None:
    rows = [order_data("A-1"), {"number": "A-2"}, "nonsense", order_data("A-4", paid_total=1), order_data("A-5")]
    parsed = parse_json(json.dumps(rows), now=NOW, shop="demo")
    assert [(line, o.number) for line, o in parsed.good] == [(1, "A-1"), (5, "A-5")]
    assert [bad.line for bad in parsed.bad] == [2, 3, 4]
    assert parsed.bad[0].detail.startswith("market: Field required; currency: Field required")
    assert parsed.bad[1].detail == "an order must be an object"
    assert "paid_total is not the sum" in parsed.bad[2].detail


def test_relative_times_become_absolute() -> None:
    [(_, found)] = parse_json(json.dumps([order_data("A-1")]), now=NOW, shop="demo").good
    assert found == order("A-1")
    assert found.delivered_at is not None
    assert (NOW - found.delivered_at).days == 2


def test_rows_without_a_shop_belong_to_ours() -> None:
    row = order_data("A-1")
    del row["shop"]
    [(_, found)] = parse_json(json.dumps([row]), now=NOW, shop="mine").good
    assert found.shop == "mine"


def _csv(*rows: dict[str, str]) -> str:
    file = io.StringIO()
    writer = csv.DictWriter(file, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


def _cells(number: str, **more: str) -> dict[str, str]:
    data = order_data(number)
    return {
        "number": number,
        "market": "cn",
        "currency": "CNY",
        "status": "delivered",
        "placed_at": "-6d",
        "paid_at": "-6d",
        "shipped_at": "-5d",
        "delivered_at": "-2d",
        "paid_total": "29900",
        "items": json.dumps(data["items"]),
        "buyer_id": "u-ann",
        "buyer_name": "Ann",
        "buyer_phone": "13800138001",
        "buyer_email": "ann@example.com",
        "tracking": "",
    } | more


def test_csv_is_the_same_order() -> None:
    [(line, found)] = parse_csv("\ufeff" + _csv(_cells("A-1")), now=NOW, shop="demo").good
    assert line == 2
    assert found == order("A-1")


def test_csv_names_the_line_of_a_bad_row() -> None:
    text = _csv(_cells("A-1"), _cells("A-2", items="[broken"), _cells("A-3", paid_total="12.5"), _cells("A-4"))
    parsed = parse_csv(text, now=NOW, shop="demo")
    assert [(line, o.number) for line, o in parsed.good] == [(2, "A-1"), (5, "A-4")]
    assert [bad.line for bad in parsed.bad] == [3, 4]


def test_a_guests_order_belongs_to_nobody_who_can_sign_in() -> None:
    cells = _cells("A-1", buyer_id="")
    [(_, found)] = parse_csv(_csv(cells), now=NOW, shop="demo").good
    assert found.buyer.id == "guest:A-1"


@pytest.mark.parametrize("text", ["{", "{}", '"x"', "3"])
def test_what_is_no_list_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        parse_json(text, now=NOW, shop="demo")


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n"])
def test_a_csv_without_its_columns_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        parse_csv(text, now=NOW, shop="demo")
