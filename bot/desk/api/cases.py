"""Cases as scripts read them."""

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from bot.desk.api.shapes import CaseDetail, CaseJson, case_detail, case_json
from bot.desk.auth import get_desk, require_api_key
from bot.desk.problems import PROBLEMS
from bot.desk.services import Desk
from bot.storage.cases import SqlCases
from bot.words import CaseState

router = APIRouter(prefix="/api/v1/cases", tags=["cases"], dependencies=[Depends(require_api_key)], responses=PROBLEMS)


class CaseList(BaseModel):
    items: list[CaseJson]


@router.get("", summary="Cases, newest first, at most 200.")
def list_cases(
    order_number: str | None = None, state: CaseState | None = None, desk: Desk = Depends(get_desk)
) -> CaseList:
    with desk.database.read() as session:
        found = SqlCases(session).find(order_number=order_number, state=state)
    return CaseList(items=[case_json(case) for case in found])


@router.get("/{case_id}", summary="One case with its log and its decision.")
def read_case(case_id: str, desk: Desk = Depends(get_desk)) -> CaseDetail:
    with desk.database.read() as session:
        return case_detail(SqlCases(session).get(case_id))
