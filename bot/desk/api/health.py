"""Is the process alive, is everything it needs there, and how much is going on."""

import asyncio

import httpx
from anyio import to_thread
from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bot.desk.auth import get_desk
from bot.desk.services import Desk

router = APIRouter(tags=["health"])

_ACTIONS_TIMEOUT_S = 2.0


@router.get("/healthz", summary="The process answers.")
async def healthz() -> dict[str, str]:
    return {"status": "ok"}


@router.get(
    "/readyz",
    summary="Database, Rasa and the action server answer.",
    responses={503: {"description": "Which one does not."}},
)
async def readyz(desk: Desk = Depends(get_desk)) -> JSONResponse:
    """200 when a buyer's message would be answered; 503 says which part is missing."""
    database, rasa, actions = await asyncio.gather(
        to_thread.run_sync(_has_database, desk), desk.rasa.is_ready(), _has_actions(desk)
    )
    parts = {"database": database, "rasa": rasa, "actions": actions}
    is_ready = all(parts.values())
    body = {"status": "ready" if is_ready else "not_ready", "missing": [n for n, there in parts.items() if not there]}
    return JSONResponse(body, 200 if is_ready else 503)


@router.get("/metrics", summary="Counts for Prometheus.", response_class=Response)
def metrics(desk: Desk = Depends(get_desk)) -> Response:
    return Response(desk.metrics.render(), media_type=CONTENT_TYPE_LATEST)


def _has_database(desk: Desk) -> bool:
    try:
        with desk.database.read() as session:
            session.execute(text("SELECT 1 FROM conversations LIMIT 1"))
    except SQLAlchemyError:
        return False
    return True


async def _has_actions(desk: Desk) -> bool:
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=_ACTIONS_TIMEOUT_S) as http:
            response = await http.get(f"{desk.settings.actions_url}/health")
            return response.status_code == 200
    except httpx.HTTPError:
        return False
