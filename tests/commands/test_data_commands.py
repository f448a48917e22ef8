"""Commands that read and write data: orders, decisions, policies, agents, doctor."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from bot.commands.orders import embedded_backend, embedded_database
from bot.desk.console.auth import check_password
from bot.errors import BadInput, Conflict, NotFound
from bot.settings import ROOT, Settings

Run = Callable[..., Result]


def order(number: str, **changes: Any) -> dict[str, Any]:
    return {
        "number": number,
        "market": "cn",
        "currency": "CNY",
        "buyer": {"id": "u-1", "phone": "13800138001"},
        "placed_at": "2026-09-01T10:00:00+08:00",
        "shipped_at": "2026-09-02T10:00:00+08:00",
        "delivered_at": "2026-09-04T10:00:00+08:00",
        "status": "delivered",
        "items": [
            {"sku": "a", "title": "连衣裙", "category": "clothes", "quantity": 1, "unit_price": 16900, "paid": 16900}
        ],
        "paid_total": 16900,
    } | changes


@pytest.fixture
def orders_file(tmp_path: Path) -> Path:
    path = tmp_path / "orders.json"
    rows = [order("A-100"), order("A-101", paid_total=1), order("A-102")]
    path.write_text(json.dumps(rows, indent=1, ensure_ascii=False), encoding="utf-8")
    return path


def test_good_rows_are_kept_and_each_bad_one_is_named_with_its_line(
    refunddesk: Run, orders_file: Path, settings: Settings
) -> None:
    result = refunddesk("orders", "import", orders_file, "--json")

    line = orders_file.read_text(encoding="utf-8").split('"A-101"')[0].count("\n")
    assert result.exit_code == 1
    assert json.loads(result.stdout) == {
        "taken": 2,
        "bad": [
            {
                "line": line,
                "reason": "order: Value error, paid_total is not the sum of what was paid for items and shipping",
            }
        ],
    }
    with embedded_backend(settings) as backend:
        assert [backend.get_order("demo", n) is not None for n in ("A-100", "A-101", "A-102")] == [True, False, True]


def test_csv_is_taken_too(refunddesk: Run, tmp_path: Path) -> None:
    items = json.dumps(order("x")["items"], ensure_ascii=False).replace('"', '""')
    path = tmp_path / "orders.csv"
    path.write_text(
        "number,market,currency,status,placed_at,paid_total,items,buyer_phone\n"
        f'B-200,cn,CNY,paid,2026-09-01T10:00:00+08:00,16900,"{items}",13800138001\n'
        f'B-201,cn,CNY,paid,yesterday,16900,"{items}",13800138001\n',
        encoding="utf-8",
    )

    result = refunddesk("orders", "import", path)

    assert result.stdout.splitlines()[-1] == "1 orders taken, 1 refused"
    assert result.stdout.splitlines()[0].startswith("line 3: placed_at: ")


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"not json"])
def test_a_file_that_is_no_list_of_orders_is_refused_whole(refunddesk: Run, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "orders.json"
    path.write_bytes(content)

    assert isinstance(refunddesk("orders", "import", path).exception, BadInput)
    assert isinstance(refunddesk("orders", "import", tmp_path / "missing.json").exception, BadInput)


def test_a_decision_names_rule_amount_and_last_day(refunddesk: Run, orders_file: Path) -> None:
    refunddesk("orders", "import", orders_file)
    arguments = ("decide", "--order", "A-100", "--reason", "no_longer_wanted", "--fact", "intact=yes", "--json")

    last_day = json.loads(refunddesk(*arguments, "--date", "2026-09-11T23:59:00+08:00").stdout)
    day_after = json.loads(refunddesk(*arguments, "--date", "2026-09-12T00:00:00+08:00").stdout)

    assert (last_day["verdict"], last_day["options"][0]["total"]) == ("allow", 16900)
    assert day_after["verdict"] == "deny"
    assert day_after["rule_ids"][0] == "CN.CPL25.window"


def test_a_decision_can_be_made_on_an_order_file_and_is_told_in_a_buyers_words(refunddesk: Run, tmp_path: Path) -> None:
    path = tmp_path / "order.json"
    path.write_text(json.dumps(order("A-1000")), encoding="utf-8")

    result = refunddesk(
        "decide", "--order", path, "--reason", "quality_defect", "--date", "2026-09-06T12:00:00+08:00",
        "--language", "zh-Hans",
    )  # fmt: skip

    assert "¥169.00" in result.stdout
    assert "第二十四条" in result.stdout.replace("\n", "")


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("--order", "A-404", "--reason", "quality_defect"), NotFound),
        (("--order", "A-404", "--reason", "boredom"), BadInput),
        (("--order", "A-404", "--reason", "quality_defect", "--fact", "intact=perhaps"), BadInput),
        (("--order", "A-404", "--reason", "quality_defect", "--fact", "colour=yes"), BadInput),
        (("--order", "A-404", "--reason", "quality_defect", "--date", "soon"), BadInput),
        (("--order", "A-404", "--reason", "quality_defect", "--date", "2026-09-06T12:00:00"), BadInput),
        (("--order", "missing.json", "--reason", "quality_defect"), BadInput),
    ],
)
def test_what_cannot_be_decided_says_why(refunddesk: Run, arguments: tuple[str, ...], error: type[Exception]) -> None:
    assert isinstance(refunddesk("decide", *arguments).exception, error)


def test_the_shipped_rule_packs_are_in_order(refunddesk: Run) -> None:
    result = refunddesk("policy", "check")

    assert (result.exit_code, result.stdout) == (0, "all rule packs are in order\n")


def test_a_shop_rule_that_takes_a_right_away_is_refused_by_name(refunddesk: Run, tmp_path: Path) -> None:
    for pack in (ROOT / "data" / "policies").glob("*.yml"):
        text = pack.read_text(encoding="utf-8")
        if pack.name == "shop.yml":
            assert "refund_days: 7" in text
            text = text.replace("refund_days: 7", "refund_days: 90")
        (tmp_path / pack.name).write_text(text, encoding="utf-8")

    result = refunddesk("policy", "check", tmp_path, "--json")

    assert result.exit_code == 1
    assert json.loads(result.stdout)["problems"] != []


def test_an_agent_is_added_once_and_can_log_in(refunddesk: Run, settings: Settings) -> None:
    first = refunddesk("agents", "add", "mei", "--name", "小美", input="a-long-password\na-long-password\n")
    again = refunddesk("agents", "add", "mei", "--password", "another-password")

    assert first.exit_code == 0
    assert isinstance(again.exception, Conflict)
    with embedded_database(settings) as database:
        agent = check_password(database, "mei", "a-long-password")
        assert agent is not None
        assert agent.name == "小美"
        assert check_password(database, "mei", "another-password") is None


def test_a_short_password_makes_no_agent(refunddesk: Run, settings: Settings) -> None:
    assert isinstance(refunddesk("agents", "add", "mei", "--password", "short").exception, BadInput)
    with embedded_database(settings) as database:
        assert check_password(database, "mei", "short") is None


def test_the_doctor_has_one_line_for_each_thing_and_no_secret_in_any(refunddesk: Run, settings: Settings) -> None:
    findings = {finding["name"]: finding for finding in json.loads(refunddesk("doctor", "--json").stdout)}

    assert findings["python"]["status"] == "ok"
    assert findings["rasa"]["detail"] != ""
    assert findings["policies"]["status"] == "ok"
    assert findings["encoders"]["status"] == "ok"
    assert findings["desk"]["status"] == "note"
    assert findings["database"]["detail"] == "sqlite, empty: the first start makes the tables"
    for secret in (settings.api_key, settings.rasa_token, settings.console_password):
        assert all(secret not in finding["detail"] for finding in findings.values())
