"""Orders, decisions and texts as the desk sends them."""

from typing import Any

from tests.actions.played_desk import texts

EARBUDS = {"sku": "EAR-01", "title": "蓝牙降噪耳机 白色", "quantity": 1, "paid": 29900, "category": "electronics"}
SHOES = {"sku": "SHO-09", "title": "跑步鞋 42码", "quantity": 1, "paid": 39900, "category": "shoes"}
SOCKS = {"sku": "SOC-01", "title": "运动袜 三双装", "quantity": 3, "paid": 5900, "category": "clothes"}


def order(*items: dict[str, Any], number: str = "RD1", **more: Any) -> dict[str, Any]:
    """A PublicOrder."""
    return {
        "number": number,
        "market": "cn",
        "currency": "CNY",
        "status": "delivered",
        "placed_at": "2026-09-01T00:00:00Z",
        "delivered_at": "2026-09-03T00:00:00Z",
        "paid_total": sum(item["paid"] for item in items or (EARBUDS,)),
        "items": list(items or (EARBUDS,)),
        **more,
    }


def found(*items: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Answer of the look-up."""
    return {"status": "found", "order": order(*items, **more), "tries_left": 5}


def decided(verdict: str = "allow", **more: Any) -> dict[str, Any]:
    """Answer of the decision; the text is the verdict marked with the language."""
    decision = {"verdict": verdict, "reason": "quality_defect", "path": "non_conformity", "needs": [], "evidence": []}
    return {"decision": {**decision, **more}, "texts": texts(verdict)}


def wanted(*, given: bool = False, required: bool = True) -> dict[str, Any]:
    return {"kind": "photo", "required": required, "given": given, "hint": texts("a photo")}


NEED = {"fact": "intact", "question": texts("intact?"), "yes": texts("whole"), "no": texts("broken")}


def claim(**more: Any) -> dict[str, Any]:
    """Body of a decision or a case."""
    facts = {"received": None, "differs_from_chart": None, "differs_from_description": None, "intact": None}
    body = {"order_number": "RD1", "reason": "quality_defect", "items": [], "facts": facts, "wish": None}
    return {**body, **more}


def drafted(**more: Any) -> dict[str, Any]:
    """Slots of a draft that only lacks the buyer's yes."""
    slots = {
        "order_number": "RD1",
        "item_sku": "*",
        "reason": "quality_defect",
        "reason_confidence": 0.9,
        "claim_of": "RD1|quality_defect",
        "claim_key": "key-1",
        "requested_slot": "confirm",
    }
    return {**slots, **more}
