"""Errors of the console as pages a person can act on, instead of problem documents."""

from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from fastapi.routing import APIRoute

from bot.desk.console import views
from bot.desk.console.auth import WrongCsrf
from bot.errors import NotAuthenticated, NotFound, RefundDeskError


class ConsoleRoute(APIRoute):
    """Sends whoever is not logged in to the login form, and says in words what went wrong."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_or_explain(request: Request) -> Response:
            try:
                return await handle(request)
            except NotAuthenticated:
                return _log_in_first(request)
            except RefundDeskError as error:
                return _explain(request, error)

        return handle_or_explain


def _log_in_first(request: Request) -> Response:
    is_page = request.method == "GET" and "text/html" in request.headers.get("accept", "")
    if request.method != "GET" or is_page:
        target = request.url.path if is_page else "/console"
        return RedirectResponse(f"/console/login?next={quote(target)}", 303)
    return Response(views.request_words(request)("session_over"), 401, media_type="text/plain; charset=utf-8")


def _explain(request: Request, error: RefundDeskError) -> Response:
    w = views.request_words(request)
    if isinstance(error, WrongCsrf):
        words = w("error_csrf")
    elif isinstance(error, NotFound):
        words = w("error_not_found")
    else:
        words = w("error_other")
    return views.render(request, "error.html", None, status=error.status, error=words)
