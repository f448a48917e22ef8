"""Reason × market × day as one table to read. If it changes, somebody's rights changed: look twice.

A line is reason, market, the days since receipt (or how far the goods are), verdict, ranked resolutions,
freight payer, and the rule that decided, or the fact that is asked. Goods are intact, and what differs
from the page or the chart was answered with yes.
"""

import os
from itertools import product
from pathlib import Path

from bot.policy.model import Decision
from bot.words import Market, Reason
from tests.policy.build import ask, claim, order

TABLE = Path(__file__).with_name("day_table.txt")
MARKETS = (Market.CN, Market.TW, Market.US)
STAGES = ("unshipped", "shipped", 0, 7, 8, 20)
SHORT = {"refund_only": "refund", "return_and_refund": "return", "price_adjustment": "price", "partial_refund": "part"}


def cell(decision: Decision) -> str:
    options = "+".join(SHORT.get(option.resolution, option.resolution) for option in decision.options) or "-"
    payer = decision.best.freight_payer.value if decision.best else "-"
    rule = decision.rule_ids[0] if decision.rule_ids else "-"
    asks = ",".join(need.fact for need in decision.needs)
    return f"{decision.verdict:<9} {options:<34} {payer:<7} {asks or rule}"


def table() -> str:
    """One line per run of days on which the answer is the same."""
    lines = []
    for reason, market in product(Reason, MARKETS):
        cells: dict[str, list[str]] = {}
        for stage in STAGES:
            days = stage if isinstance(stage, int) else None
            the_order = order(market, days=days, shipped=stage != "unshipped")
            the_claim = claim(reason, intact=True, differs_from_chart=True, differs_from_description=True)
            cells.setdefault(cell(ask(the_order, the_claim)), []).append(str(stage))
        lines += [f"{reason:<18} {market:<3} {' '.join(stages):<31} {said}".rstrip() for said, stages in cells.items()]
    return "\n".join(lines) + "\n"


def test_the_table_of_days_is_what_it_was() -> None:
    """Write it anew with REFUNDDESK_WRITE_TABLES=1 once the change is meant."""
    if os.environ.get("REFUNDDESK_WRITE_TABLES"):
        TABLE.write_text(table(), encoding="utf-8")

    assert table() == TABLE.read_text(encoding="utf-8")
