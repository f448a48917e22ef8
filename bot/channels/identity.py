"""Who the buyer is, by a token the shop signed. HS256 JWT: `sub` buyer id, `name`, `aud` "refunddesk", `exp`."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import jwt

from bot.errors import NotAuthenticated

AUDIENCE = "refunddesk"
_CLOCK_LEEWAY_S = 30


@dataclass(frozen=True, slots=True)
class Identity:
    """A buyer the shop vouches for."""

    buyer_id: str
    name: str = ""


def verify(token: str, secret: str) -> Identity:
    """The identity in `token`; raises NotAuthenticated if it is forged, expired or meant for somebody else."""
    try:
        claims = jwt.decode(
            token,
            secret,
            algorithms=["HS256"],
            audience=AUDIENCE,
            leeway=_CLOCK_LEEWAY_S,
            options={"require": ["exp", "aud", "sub"]},
        )
    except jwt.InvalidTokenError as error:
        raise NotAuthenticated(f"identity token refused: {type(error).__name__}") from None
    buyer_id, name = claims["sub"], claims.get("name", "")
    if not isinstance(buyer_id, str) or not 1 <= len(buyer_id) <= 128:
        raise NotAuthenticated("identity token refused: sub is not a buyer id of 1 to 128 characters")
    return Identity(buyer_id, name[:128] if isinstance(name, str) else "")


def sign(identity: Identity, secret: str, *, lasts: timedelta = timedelta(hours=1)) -> str:
    """A token as the shop's server makes it; the demo shop and the tests use it."""
    claims = {
        "sub": identity.buyer_id,
        "name": identity.name,
        "aud": AUDIENCE,
        "exp": datetime.now(UTC) + lasts,
    }
    return jwt.encode(claims, secret, algorithm="HS256")
