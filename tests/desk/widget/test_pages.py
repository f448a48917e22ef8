"""/widget.js and /demo."""

import gzip
import re
from pathlib import Path

import httpx
import pytest

from bot.channels.identity import verify
from bot.desk.widget.assets import STATIC, widget_script
from bot.desk.widget.demo_words import WORDS
from bot.words import Language
from tests.desk.widget.live_desk import LiveDesk, desk_settings, live_desk

MAX_GZIPPED = 30_000


def get(live: LiveDesk, path: str, **headers: str) -> httpx.Response:
    return httpx.get(live.url + path, headers=headers, trust_env=False)


def test_the_whole_widget_is_within_its_budget() -> None:
    script = widget_script(10_000_000)
    assert len(script.zipped) <= MAX_GZIPPED
    assert gzip.decompress(script.zipped) == script.body


def test_the_script_names_no_other_host() -> None:
    hosts = set(re.findall(r"https?://([\w.-]+)", widget_script(10_000_000).body.decode()))
    assert hosts == {"www.w3.org"}  # the name of the SVG namespace, never fetched


def test_the_script_is_served_packed_and_asked_for_by_etag(live: LiveDesk) -> None:
    first = get(live, "/widget.js", **{"Accept-Encoding": "gzip"})
    assert first.headers["content-encoding"] == "gzip"
    assert first.headers["content-type"] == "text/javascript; charset=utf-8"
    again = get(live, "/widget.js", **{"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    plain = get(live, "/widget.js", **{"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == first.content
    assert b"MAX_MB = 0.2;" in plain.content


def test_the_widget_says_everything_in_three_languages() -> None:
    source = (STATIC / "src" / "texts.js").read_text("utf-8")
    blocks = re.findall(r'^  "?([\w-]+)"?: \{\n(.*?)^  \},', source, re.MULTILINE | re.DOTALL)
    keys = {tag: re.findall(r"^    (\w+):", body, re.MULTILINE) for tag, body in blocks}
    assert set(keys) == set(Language)
    assert keys["zh-Hans"] == keys["zh-Hant"] == keys["en"]
    used = {
        name
        for file in sorted((STATIC / "src").glob("*.js"))
        for name in re.findall(r"(?:\bt|texts)\.(\w+)", Path(file).read_text("utf-8"))
    }
    assert used <= set(keys["en"])
    for tag, words in (("zh-Hans", "不是真人"), ("zh-Hant", "不是真人"), ("en", "not a person")):
        assert words in dict(blocks)[tag]


@pytest.mark.parametrize(
    ("language", "buyer", "title"),
    [
        ("zh-Hans", "u-lin", "您好，林晓"),
        ("zh-Hant", "u-huang", "您好，黃怡君"),
        ("en", "u-smith", "Hello, Emma Smith"),
    ],
)
def test_the_demo_greets_a_buyer_of_the_language(live: LiveDesk, language: str, buyer: str, title: str) -> None:
    page = get(live, f"/demo?lang={language}")
    assert page.status_code == 200
    assert f'<html lang="{language}">' in page.text
    assert title in page.text
    token = re.search(r'data-identity="([^"]+)"', page.text)
    assert token is not None
    assert verify(token[1], live.settings.identity_secret).buyer_id == buyer
    assert "13800138001" not in page.text


def test_a_guest_gets_no_identity_but_orders_to_try(live: LiveDesk) -> None:
    page = get(live, "/demo?lang=zh-Hans&buyer=guest").text
    assert "data-identity" not in page
    assert "RD20260001" in page
    assert "手机尾号 8001" in page
    assert "data-identity" not in get(live, "/demo?buyer=u-nobody").text


def test_the_demos_words_are_complete() -> None:
    shapes = [
        {key: set(value) if isinstance(value, dict) else None for key, value in WORDS[language].items()}
        for language in Language
    ]
    assert shapes[0] == shapes[1] == shapes[2]


def test_only_the_demos_own_files_are_served(live: LiveDesk) -> None:
    assert get(live, "/demo/demo.css").headers["content-type"].startswith("text/css")
    assert get(live, "/demo/..%2F..%2Froutes.py").status_code == 404
    assert get(live, "/demo/src").status_code == 404


def test_without_the_demo_nobody_is_signed_in(tmp_path: Path) -> None:
    with live_desk(desk_settings(tmp_path, demo=False)) as live:
        for path in ("/demo", "/demo?buyer=u-lin", "/demo/demo.css"):
            answer = get(live, path)
            assert answer.status_code == 404
            assert "data-identity" not in answer.text
