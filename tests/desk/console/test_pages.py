"""What the console shows, in three languages."""

import re
import secrets
from pathlib import Path

import httpx
import pytest

from bot.desk.console import words
from bot.desk.console.words import pick_language, words_for
from bot.words import CaseState, EvidenceKind, FreightPayer, Language, Market, Reason, Resolution, Verdict
from bot.words import Path as LegalPath
from tests.desk.console.conftest import Arrive, AtConsole
from tests.desk.widget.live_desk import LiveDesk, png

TEMPLATES = Path(words.__file__).parent / "templates"


def upload(live: LiveDesk, sender: str) -> str:
    form = {"sender": sender, "client_id": secrets.token_hex(6)}
    files = {"file": ("凭证.png", png("#335577"), "image/png")}
    answer = httpx.post(f"{live.url}/widget/uploads", files=files, data=form, trust_env=False)
    return str(answer.json()["attachment"]["id"])


def test_who_waits_longest_stands_first_then_people_then_the_bot(live: LiveDesk, agent: AtConsole) -> None:
    chats = {name: live.say(secrets.token_hex(16), name) for name in ("甲", "乙", "丙", "丁", "戊")}
    live.desk.floor.handoff(chats["丙"], "asked_for_person")
    live.desk.floor.handoff(chats["甲"], "upset")
    live.desk.floor.claim(chats["乙"], agent.agent_id)
    live.desk.floor.close(chats["戊"], agent.agent_id)
    page = agent.get("/console").text
    shown = [cid for cid in re.findall(r'href="/console/c/(\w+)"', page) if cid in chats.values()]
    assert shown == [chats[name] for name in ("丙", "甲", "乙", "丁", "戊")]
    assert "买家要求人工" in page
    assert "我的" in page


def test_the_page_shows_transcript_order_reason_and_evidence(live: LiveDesk, agent: AtConsole) -> None:
    chat = live.say("0" * 32, "左耳没声音", identity=live.identity("u-lin", "林晓"))
    state = {"order_number": "RD20260001", "reason": {"name": "quality_defect", "confidence": 0.97}}
    live.api("PATCH", f"/api/v1/conversations/{chat}/state", json=state)
    page = agent.get(f"/console/c/{chat}").text
    for wanted in (
        "左耳没声音", "身份已验证", "RD20260001", "蓝牙降噪耳机 白色", "¥299.00", "质量问题", "把握 97%",
        "商品与约定不符", "还没有凭证。",
    ):  # fmt: skip
        assert wanted in page, wanted


def test_a_guest_is_shown_as_not_verified(agent: AtConsole, chat: str) -> None:
    page = agent.get(f"/console/c/{chat}").text
    assert "身份未验证" in page
    assert "机器人还没有确认订单。" in page


def test_words_of_people_are_never_markup(live: LiveDesk, agent: AtConsole) -> None:
    chat = live.say(secrets.token_hex(16), "<script>alert(1)</script>")
    page = agent.get(f"/console/c/{chat}")
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text
    assert "script-src" not in page.headers["content-security-policy"]
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-store"


def test_files_are_shown_to_agents_in_their_own_conversation_only(live: LiveDesk, agent: AtConsole, chat: str) -> None:
    sender = secrets.token_hex(16)
    mine = live.say(sender, "看图")
    evidence = upload(live, sender)
    picture = agent.get(f"/console/c/{mine}/files/{evidence}")
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/png")
    assert picture.headers["x-content-type-options"] == "nosniff"
    assert agent.get(f"/console/c/{chat}/files/{evidence}").status_code == 404
    assert f"/console/c/{mine}/files/{evidence}" in agent.get(f"/console/c/{mine}").text


def test_the_script_gets_only_the_lines_it_does_not_have(live: LiveDesk, agent: AtConsole, chat: str) -> None:
    live.desk.floor.claim(chat, agent.agent_id)
    live.desk.floor.say(chat, agent.agent_id, "最后一句")
    last = len(live.lines(chat))
    assert re.findall(r'data-seq="(\d+)"', agent.get(f"/console/c/{chat}/lines?after={last - 1}").text) == [str(last)]
    assert agent.get(f"/console/c/{chat}/lines?after={last}").text.strip() == ""


@pytest.mark.parametrize("path", ["/console/c/nope", "/console/c/nope/lines", "/console/c/nope/part/panel"])
def test_an_unknown_conversation_is_a_page_that_says_what_to_do(agent: AtConsole, path: str) -> None:
    answer = agent.get(path)
    assert answer.status_code == 404
    assert "请返回列表" in answer.text


@pytest.mark.parametrize(
    ("accept", "title"), [("zh-CN", "退款客服工作台"), ("zh-TW,zh;q=0.9", "登入"), ("en-US", "Log in"), ("de", "登录")]
)
def test_the_language_comes_from_the_browser(live: LiveDesk, accept: str, title: str) -> None:
    page = httpx.get(f"{live.url}/console/login", headers={"Accept-Language": accept}, trust_env=False)
    assert title in page.text


def test_the_chosen_language_is_kept(live: LiveDesk, at_console: Arrive) -> None:
    agent = at_console("语言")
    chosen = agent.http.post("/console/language", data={"language": "zh-Hant", "next": "/console"})
    assert (chosen.status_code, chosen.headers["location"]) == (303, "/console")
    assert "等候真人" in agent.get("/console").text
    agent.http.post("/console/language", data={"language": "tlh", "next": "https://evil.example"})
    assert "等候真人" in agent.get("/console").text


@pytest.mark.parametrize(
    ("cookie", "accept", "language"),
    [
        (None, None, Language.ZH_HANS),
        (None, "fr,en;q=0.8", Language.EN),
        (None, "zh-HK", Language.ZH_HANT),
        (None, "zh-Hans-TW", Language.ZH_HANS),
        ("en", "zh-CN", Language.EN),
        ("nonsense", "zh-TW", Language.ZH_HANT),
    ],
)
def test_picking_a_language(cookie: str | None, accept: str | None, language: Language) -> None:
    assert pick_language(cookie, accept) is language


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("language", Language), ("market", Market), ("reason", Reason), ("path", LegalPath), ("resolution", Resolution),
        ("verdict", Verdict), ("state", CaseState), ("payer", FreightPayer), ("evidence", EvidenceKind),
    ],
)  # fmt: skip
def test_every_word_of_the_field_has_three_translations(kind: str, values: type) -> None:
    for language in Language:
        said = [words_for(language).term(kind, value) for value in values]
        assert all(said)
        assert not set(said) & {str(value) for value in values if "_" in value}


def test_the_templates_use_only_words_that_exist() -> None:
    sources = "".join(file.read_text("utf-8") for file in TEMPLATES.glob("*.html"))
    for key in set(re.findall(r"""\bw\(["'](\w+)["']""", sources)):
        if not key.endswith("_"):
            assert all(words_for(language)(key) for language in Language), key
    for action in ("claim", "handback", "release", "close"):
        assert words_for(Language.EN)(action)
        assert words_for(Language.EN)(f"ok_{action}")


def test_static_files_are_a_short_list(live: LiveDesk) -> None:
    for name in ("console.css", "console.js"):
        assert httpx.get(f"{live.url}/console/static/{name}", trust_env=False).status_code == 200
    for name in ("..%2Froutes.py", "routes.py"):
        assert httpx.get(f"{live.url}/console/static/{name}", trust_env=False).status_code == 404
