"""Files: what is taken, what is refused, and who may see them."""

import asyncio
import secrets
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from bot.storage.tables import Evidence, Message
from bot.words import Author
from tests.desk.widget.live_desk import LiveDesk, Widget, png


def post(
    live: LiveDesk, data: bytes, *, name: str = "拉链.png", kind: str = "image/png", **fields: str
) -> httpx.Response:
    form = {"sender": "f" * 32, "client_id": secrets.token_hex(8), "language": "zh-Hans"} | fields
    headers = {"Origin": form.pop("origin")} if "origin" in form else {}
    files = {"file": (name, data, kind)}
    return httpx.post(f"{live.url}/widget/uploads", files=files, data=form, headers=headers, trust_env=False)


def get(live: LiveDesk, url: str) -> httpx.Response:
    return httpx.get(live.url + url, trust_env=False)


def stored(live: LiveDesk) -> tuple[int, int]:
    """Files, and messages of buyers: the bot may still be answering an earlier one."""
    with live.desk.database.read() as session:
        files = session.scalar(select(func.count()).select_from(Evidence)) or 0
        return files, session.scalar(select(func.count()).where(Message.author == Author.BUYER)) or 0


def test_a_picture_is_stored_and_becomes_a_message(live: LiveDesk, sender: str) -> None:
    picture = png("#102030")
    answer = post(live, picture, sender=sender, text="您看这里")
    assert answer.status_code == 201
    attachment = answer.json()["attachment"]
    assert (attachment["filename"], attachment["content_type"]) == ("拉链.png", "image/png")
    served = get(live, attachment["url"])
    assert served.content == picture

    async def lines() -> dict[str, Any]:
        async with Widget(live.url, sender) as widget:
            return await widget.until("message", author="buyer")

    line = asyncio.run(lines())
    assert (line["seq"], line["text"]) == (answer.json()["seq"], "您看这里")
    assert line["attachments"][0]["id"] == attachment["id"]


def test_the_same_upload_again_is_the_same_file(live: LiveDesk, sender: str) -> None:
    picture = png("#405060")
    first = post(live, picture, sender=sender, client_id="up-1").json()
    before = stored(live)
    second = post(live, picture, sender=sender, client_id="up-1").json()
    assert second["attachment"]["id"] == first["attachment"]["id"]
    assert second["seq"] == first["seq"]
    assert stored(live) == before


@pytest.mark.parametrize(
    ("_case", "url"),
    [
        ("another guest", "{id}?sender=" + "e" * 32),
        ("nobody", "{id}"),
        ("a part of the right sender", "{id}?sender={part}"),
        ("a made-up pass", "{id}?pass=abc.def.ghi"),
        ("no such file", "0000?sender={sender}"),
    ],
)
def test_a_file_is_there_for_its_own_conversation_only(live: LiveDesk, sender: str, _case: str, url: str) -> None:
    attachment = post(live, png(), sender=sender).json()["attachment"]
    path = url.format(id=attachment["id"], sender=sender, part=sender[:31])
    answer = get(live, f"/widget/files/{path}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_a_signed_buyer_gets_a_pass_and_their_sender_opens_nothing(live: LiveDesk) -> None:
    mine = post(live, png("#111111"), identity=live.identity("u-pass", "甲")).json()["attachment"]
    other = post(live, png("#222222"), identity=live.identity("u-other", "乙")).json()["attachment"]
    assert get(live, mine["url"]).status_code == 200
    assert get(live, f"/widget/files/{mine['id']}?sender=id:u-pass").status_code == 404
    pass_of_other = other["url"].split("?")[1]
    assert get(live, f"/widget/files/{mine['id']}?{pass_of_other}").status_code == 404


def test_files_are_served_as_inert_data(live: LiveDesk, sender: str) -> None:
    shown = get(live, post(live, png(), sender=sender).json()["attachment"]["url"])
    assert shown.headers["content-type"] == "image/png"
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert shown.headers["content-disposition"] == "inline; filename*=utf-8''%E6%8B%89%E9%93%BE.png"
    assert "sandbox" in shown.headers["content-security-policy"]
    script = b"<script>alert(1)</script>"
    saved = get(live, post(live, script, name='x".html', kind="text/html", sender=sender).json()["attachment"]["url"])
    assert saved.headers["content-type"].startswith("text/plain")
    assert saved.headers["content-disposition"].startswith("attachment;")


@pytest.mark.parametrize(
    ("_case", "data", "fields", "status", "code", "title"),
    [
        ("too big", b"\xff" * 200_001, {}, 413, "too_large", "文件超过 0.2 MB，请压缩后再发。"),
        ("far too big", b"\xff" * 900_000, {}, 413, "too_large", "文件超过 0.2 MB，请压缩后再发。"),
        ("no picture", b"\x00\x01\x02\x03", {}, 415, "bad_input", None),
        ("cut off", png(size=64)[:60], {}, 415, "bad_input", None),
        ("empty", b"", {}, 415, "bad_input", None),
        ("guessable sender", png(), {"sender": "1"}, 400, "bad_input", None),
        ("forged identity", png(), {"identity": "a.b.c"}, 401, "not_authenticated", None),
        ("no client id", png(), {"client_id": ""}, 400, "bad_input", None),
        ("foreign origin", png(), {"origin": "https://evil.example"}, 403, "not_allowed", None),
    ],
)
def test_what_is_refused_leaves_nothing_behind(
    live: LiveDesk, _case: str, data: bytes, fields: dict[str, str], status: int, code: str, title: str | None
) -> None:
    before = stored(live)
    answer = post(live, data, **fields)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    if title:
        assert answer.json()["title"] == title
    assert stored(live) == before


def test_a_post_that_is_no_form_is_refused(live: LiveDesk) -> None:
    before = stored(live)
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = httpx.post(f"{live.url}/widget/uploads", content=b"garbage", headers=headers, trust_env=False)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_input")
    assert stored(live) == before


def test_a_post_that_does_not_say_how_long_it_is_is_refused(live: LiveDesk) -> None:
    before = stored(live)
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    endless = iter([b"--x\r\n", b"never ends"])
    answer = httpx.post(f"{live.url}/widget/uploads", content=endless, headers=headers, trust_env=False)
    assert (answer.status_code, answer.json()["code"]) == (411, "length_required")
    assert stored(live) == before


def test_an_allowed_shop_may_upload_from_its_own_pages(live: LiveDesk, sender: str) -> None:
    origin = "https://shop.example"
    url = f"{live.url}/widget/uploads"
    preflight = httpx.options(url, headers={"Origin": origin, "Access-Control-Request-Method": "POST"}, trust_env=False)
    assert preflight.headers["access-control-allow-origin"] == origin
    answer = post(live, png(), sender=sender, origin=origin)
    assert answer.status_code == 201
    assert answer.headers["access-control-allow-origin"] == origin
    refused = httpx.options(url, headers={"Origin": "https://evil.example"}, trust_env=False)
    assert refused.status_code == 403
    assert "access-control-allow-origin" not in refused.headers
