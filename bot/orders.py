"""An order as shops send it and as the rules read it. Plain types: no I/O, no database.

Money is integer minor units of `currency`. Times are aware UTC; on import they may be relative to now
("-8d", "-36h", "now"), so that demo data never ages.
"""

import re
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, model_validator

from bot.words import Market

_RELATIVE = re.compile(r"([+-])(\d{1,5})([dhm])")
_UNITS = {"d": "days", "h": "hours", "m": "minutes"}


def parse_time(value: Any, info: ValidationInfo) -> Any:
    """ISO 8601 or relative time to aware UTC; a time without a zone is refused.

    `context={"now": datetime}` fixes what relative times are relative to.
    """
    if value in (None, ""):
        return None
    now = (info.context or {}).get("now") or datetime.now(UTC)
    if isinstance(value, str):
        text = value.strip()
        if text == "now":
            return now
        if match := _RELATIVE.fullmatch(text):
            sign, count, unit = match.groups()
            delta = timedelta(**{_UNITS[unit]: int(count)})
            return now + delta if sign == "+" else now - delta
        try:
            value = datetime.fromisoformat(text)
        except ValueError:
            raise ValueError(f"{text!r} is neither ISO 8601 nor relative like -8d") from None
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("a time needs a zone, e.g. 2026-09-04T10:00:00+08:00")
        return value.astimezone(UTC)
    return value


Time = Annotated[datetime, BeforeValidator(parse_time)]
OptionalTime = Annotated[datetime | None, BeforeValidator(parse_time)]


class OrderStatus(StrEnum):
    UNPAID = "unpaid"
    PAID = "paid"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"


class GoodsFlag(StrEnum):
    """What the law asks about goods. The first four are exclusions by law in the PRC (Consumer
    Protection Law art. 25); the others count only with the buyer's confirmation at purchase."""

    CUSTOM_MADE = "custom_made"
    PERISHABLE = "perishable"
    DIGITAL_CONTENT = "digital_content"
    PERIODICAL = "periodical"
    SEALED_MEDIA = "sealed_media"
    HYGIENE = "hygiene"
    SAFETY_SEAL = "safety_seal"
    DEVALUED_BY_USE = "devalued_by_use"
    NEAR_EXPIRY = "near_expiry"
    DISCLOSED_FLAW = "disclosed_flaw"


class Buyer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str = ""
    phone: str = ""
    email: str = ""

    @property
    def phone_tail(self) -> str:
        """The last four digits, the second fact a buyer proves an order by; empty if unknown."""
        digits = re.sub(r"\D", "", self.phone)
        return digits[-4:] if len(digits) >= 4 else ""


class Item(BaseModel):
    """One line of an order. `paid` is what the buyer really paid for the whole line, after discounts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sku: str = Field(min_length=1, max_length=64)
    title: str
    category: str = "other"
    quantity: int = Field(ge=1)
    unit_price: int = Field(ge=0)
    paid: int = Field(ge=0)
    flags: tuple[GoodsFlag, ...] = ()
    no_return_confirmed: bool | None = None
    """The buyer confirmed at purchase (PRC), or was told (Taiwan), that these goods cannot be
    returned without a reason; None: no record of it."""
    image: str = ""


class Order(BaseModel):
    """An order. Import schema and API shape are this model."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: str = Field(min_length=3, max_length=64)
    shop: str = "demo"
    market: Market
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    buyer: Buyer
    placed_at: Time
    paid_at: OptionalTime = None
    shipped_at: OptionalTime = None
    delivered_at: OptionalTime = None
    status: OrderStatus
    items: tuple[Item, ...] = Field(min_length=1)
    shipping_fee: int = Field(default=0, ge=0)
    paid_total: int = Field(ge=0)
    refunded_total: int = Field(default=0, ge=0)
    payment_method: str = ""
    tracking: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _adds_up(self) -> "Order":
        if sum(item.paid for item in self.items) + self.shipping_fee != self.paid_total:
            raise ValueError("paid_total is not the sum of what was paid for items and shipping")
        if self.refunded_total > self.paid_total:
            raise ValueError("refunded_total is more than paid_total")
        if len({item.sku for item in self.items}) != len(self.items):
            raise ValueError("two items have the same sku")
        return self

    @property
    def is_shipped(self) -> bool:
        return self.shipped_at is not None or self.status in (
            OrderStatus.SHIPPED,
            OrderStatus.DELIVERED,
            OrderStatus.COMPLETED,
        )

    @property
    def is_delivered(self) -> bool:
        return self.delivered_at is not None

    @property
    def refundable(self) -> int:
        """What can still be paid back, in minor units."""
        return self.paid_total - self.refunded_total
