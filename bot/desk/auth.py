"""The API key. Console sessions are the console's business."""

import hmac

from fastapi import Depends
from fastapi.requests import HTTPConnection
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from bot.desk.services import Desk
from bot.errors import NotAuthenticated

_bearer = HTTPBearer(auto_error=False, description="The setting REFUNDDESK_API_KEY.")


def get_desk(connection: HTTPConnection) -> Desk:
    """The services of this app; works for requests and for sockets."""
    desk: Desk = connection.app.state.desk
    return desk


def require_api_key(
    credentials: HTTPAuthorizationCredentials | None = Depends(_bearer), desk: Desk = Depends(get_desk)
) -> None:
    """Raises NotAuthenticated unless the request carries `Authorization: Bearer <api key>`."""
    given = credentials.credentials if credentials else ""
    expected = desk.settings.api_key
    if not expected or not hmac.compare_digest(given.encode(), expected.encode()):
        raise NotAuthenticated("an API key is needed: Authorization: Bearer <key>")
