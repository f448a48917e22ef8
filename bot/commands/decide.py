"""`refunddesk decide`: the policy engine on the command line."""

import json
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from bot.commands.orders import embedded_backend
from bot.errors import BadInput, NotFound
from bot.orders import Order
from bot.policy.engine import decide
from bot.policy.explain import explain
from bot.policy.model import Claim, Decision, GoodsFacts
from bot.policy.packs import load_packs
from bot.settings import Settings
from bot.words import Language, Reason

_YES_NO = {"yes": True, "true": True, "no": False, "false": False}


def decide_order(
    settings: Settings, *, order: str, reason: str, now: datetime, facts: list[str]
) -> tuple[Order, Decision]:
    """The order and what the rules say. Raises BadInput for a wrong reason, fact or date, NotFound."""
    if now.tzinfo is None:
        raise BadInput("The date needs a zone, e.g. 2026-09-11T12:00:00+08:00.")
    if reason not in list(Reason):
        raise BadInput(f"Unknown reason {reason!r}; one of: {', '.join(Reason)}.")
    claim = Claim(reason=Reason(reason), facts=_facts(facts))
    found = _find(settings, order, now)
    return found, decide(found, claim, now=now.astimezone(UTC), packs=load_packs(settings.policies_dir))


def _facts(given: list[str]) -> GoodsFacts:
    try:
        pairs = [text.split("=", 1) for text in given]
        return GoodsFacts.model_validate({name: _YES_NO[value.lower()] for name, value in pairs})
    except (ValueError, KeyError):
        known = ", ".join(GoodsFacts.model_fields)
        raise BadInput(f"A fact is NAME=yes or NAME=no with one of: {known}.") from None


def _find(settings: Settings, order: str, now: datetime) -> Order:
    if order.endswith(".json"):
        try:
            return Order.model_validate(json.loads(Path(order).read_text(encoding="utf-8")), context={"now": now})
        except (OSError, ValueError, ValidationError) as error:
            raise BadInput(f"{order}: {error}") from None
    with embedded_backend(settings) as backend:
        found: Order | None = backend.get_order(settings.shop, order)
    if found is None:
        raise NotFound(f"There is no order {order} in shop {settings.shop}.")
    return found


def print_decision(order: Order, decision: Decision, language: str, console: Console) -> None:
    """The buyer's words first, then each rule that was looked at."""
    console.print(explain(decision, order, Language(language)), markup=False, highlight=False)
    table = Table("rule", "met", "effect", "fact", "verified")
    for rule in decision.trace:
        table.add_row(
            rule.rule_id, "yes" if rule.met else "no", rule.effect, rule.fact, "yes" if rule.verified else "no"
        )
    console.print(table)
