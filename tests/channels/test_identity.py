"""Only what the shop has signed is believed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest

from bot.channels.identity import Identity, sign, verify
from bot.errors import NotAuthenticated

SECRET = "a-secret-of-at-least-thirty-two-bytes"
LATER = datetime.now(UTC) + timedelta(hours=1)
CLAIMS: dict[str, Any] = {"sub": "u-ann", "name": "Ann", "aud": "refunddesk", "exp": LATER}


def test_a_signed_buyer_is_believed() -> None:
    assert verify(sign(Identity("u-ann", "Ann"), SECRET), SECRET) == Identity("u-ann", "Ann")


@pytest.mark.parametrize(
    ("_case", "claims"),
    [
        ("no expiry", {"exp": None}),
        ("expired", {"exp": datetime.now(UTC) - timedelta(minutes=2)}),
        ("for somebody else", {"aud": "another-app"}),
        ("no audience", {"aud": None}),
        ("nobody", {"sub": ""}),
        ("no subject", {"sub": None}),
        ("too long", {"sub": "x" * 129}),
    ],
)
def test_anything_else_is_refused(_case: str, claims: dict[str, Any]) -> None:
    token = jwt.encode({k: v for k, v in (CLAIMS | claims).items() if v is not None}, SECRET, algorithm="HS256")
    with pytest.raises(NotAuthenticated):
        verify(token, SECRET)


@pytest.mark.parametrize("token", ["", "x.y.z", jwt.encode(CLAIMS, None, algorithm="none"), "a" * 5000])
def test_unsigned_tokens_are_refused(token: str) -> None:
    with pytest.raises(NotAuthenticated):
        verify(token, SECRET)


def test_another_shops_signature_is_refused() -> None:
    with pytest.raises(NotAuthenticated):
        verify(sign(Identity("u-ann"), "another-secret-of-thirty-two-bytes!"), SECRET)
