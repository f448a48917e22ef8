"""The widget in a real Chromium: what a buyer sees and types, and what survives a broken line."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from bot.conversations import transcript
from bot.storage.tables import Conversation
from bot.words import Author
from tests.browser import running_browser
from tests.desk.widget.live_desk import LiveDesk, png

pytestmark = pytest.mark.e2e


# Not for the whole session: while Playwright's loop lives, no other test of this thread may start one.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as browser:
        yield browser


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN")
    context.set_default_timeout(15_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, live: LiveDesk) -> Page:
    return opened(context, live)


def opened(context: BrowserContext, live: LiveDesk, *, language: str = "zh-Hans") -> Page:
    """A guest's demo page; any error of the script fails the test that asks for the page's title afterwards."""
    page = context.new_page()
    page.goto(f"{live.url}/demo?buyer=guest&lang={language}")
    expect(page.locator("refund-desk .launcher")).to_be_visible()
    return page


def open_panel(page: Page) -> Locator:
    page.locator("refund-desk .launcher").click()
    box = page.locator("refund-desk textarea")
    expect(page.locator("refund-desk .message").first).to_be_visible()
    return box


def said(page: Page, author: str) -> list[str]:
    return page.locator(f"refund-desk .message.{author} .bubble").all_inner_texts()


def conversation(live: LiveDesk, page: Page) -> Conversation:
    sender = page.evaluate("localStorage.getItem('refunddesk:demo:sender')")
    with live.desk.database.read() as session:
        return session.query(Conversation).where(Conversation.sender == sender).one()


def buyer_lines(live: LiveDesk, page: Page) -> list[str]:
    return [text for author, text in live.lines(conversation(live, page).id) if author == "buyer"]


def add_line(live: LiveDesk, conversation_id: str, text: str) -> None:
    with live.desk.database.write() as session:
        row = transcript.get_conversation(session, conversation_id, lock=True)
        transcript.add(session, row, author=Author.BOT, text=text)


def test_enter_sends_and_shift_enter_makes_a_new_line(page: Page, live: LiveDesk) -> None:
    box = open_panel(page)
    expect(box).to_be_focused()
    box.press_sequentially("第一行")
    box.press("Shift+Enter")
    box.press_sequentially("第二行")
    assert said(page, "buyer") == []
    box.press("Enter")
    expect(page.locator("refund-desk .message.bot .bubble").last).to_contain_text("bot: 第一行")
    assert said(page, "buyer") == ["第一行\n第二行"]
    assert buyer_lines(live, page) == ["第一行\n第二行"]
    expect(box).to_have_value("")


def test_the_enter_that_ends_a_composition_sends_nothing(page: Page, live: LiveDesk) -> None:
    box = open_panel(page)
    chrome = page.context.new_cdp_session(page)
    chrome.send("Input.imeSetComposition", {"text": "tuikuan", "selectionStart": 7, "selectionEnd": 7})
    enter = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13}
    chrome.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **enter})
    chrome.send("Input.dispatchKeyEvent", {"type": "keyUp", **enter})
    chrome.send("Input.insertText", {"text": "退款"})
    # Safari tells of it after the composition, with nothing but the key code.
    box.evaluate(
        "node => node.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', keyCode: 229, bubbles: true}))"
    )
    assert "退款" in box.input_value()
    assert said(page, "buyer") == []
    box.press("Enter")
    expect(page.locator("refund-desk .message.buyer")).to_have_count(1)
    assert len(buyer_lines(live, page)) == 1


def test_what_is_written_while_the_desk_is_away_is_sent_once_and_in_order(page: Page, live: LiveDesk) -> None:
    box = open_panel(page)
    box.fill("之前")
    box.press("Enter")
    expect(page.locator("refund-desk .message.bot .bubble").last).to_contain_text("bot: 之前")
    texts = [f"离线{number}" for number in range(4)]

    def write_offline() -> None:
        for text in texts:
            box.fill(text)
            box.press("Enter")
        expect(page.locator("refund-desk [data-pending]")).to_have_count(4)
        expect(page.locator("refund-desk .banner")).to_be_visible()

    live.restart(between=write_offline)
    expect(page.locator("refund-desk [data-pending]")).to_have_count(0)
    expect(page.locator("refund-desk .banner")).to_be_hidden()
    assert said(page, "buyer") == ["之前", *texts]
    assert buyer_lines(live, page) == ["之前", *texts]
    row = conversation(live, page)
    add_line(live, row.id, "之后")
    expect(page.locator("refund-desk .message.bot .bubble").last).to_have_text("之后")
    bubbles = page.locator("refund-desk .message .bubble").all_inner_texts()
    assert bubbles == [text for _, text in live.lines(row.id)]


def test_a_message_kept_in_the_browser_is_sent_when_the_buyer_comes_back(
    context: BrowserContext, page: Page, live: LiveDesk
) -> None:
    box = open_panel(page)
    box.fill("先打个招呼")
    box.press("Enter")
    expect(page.locator("refund-desk [data-pending]")).to_have_count(0)

    def leave() -> None:
        box.fill("没来得及发出去")
        box.press("Enter")
        expect(page.locator("refund-desk [data-pending]")).to_have_count(1)
        page.close()

    live.restart(between=leave)
    back = opened(context, live)
    open_panel(back)
    expect(back.locator("refund-desk .message.buyer:not([data-pending])")).to_have_count(2)
    assert buyer_lines(live, back) == ["先打个招呼", "没来得及发出去"]


def test_a_picture_is_uploaded_and_shown(page: Page, live: LiveDesk, tmp_path: Path) -> None:
    open_panel(page)
    picture = tmp_path / "拉链.png"
    picture.write_bytes(png("#884422", 40))
    page.locator("refund-desk input[type=file]").set_input_files(picture)
    image = page.locator("refund-desk .message.buyer:not([data-pending]) img")
    expect(image).to_have_attribute("alt", "图片：拉链.png")
    image.evaluate("node => node.decode()")
    assert image.evaluate("node => node.naturalWidth") == 40
    assert buyer_lines(live, page) == [""]


def test_a_picture_that_is_too_big_or_no_picture_is_refused_in_words(
    page: Page, live: LiveDesk, tmp_path: Path
) -> None:
    open_panel(page)
    picker = page.locator("refund-desk input[type=file]")
    big = tmp_path / "big.png"
    big.write_bytes(b"\xff" * 300_000)
    picker.set_input_files(big)
    expect(page.locator("refund-desk .alert")).to_have_text("图片超过 0.2 MB，请压缩后再发。")
    program = tmp_path / "setup.exe"
    program.write_bytes(b"MZ")
    picker.set_input_files(program)
    expect(page.locator("refund-desk .alert")).to_contain_text("这种文件收不了")
    broken = tmp_path / "broken.png"
    broken.write_bytes(png(size=64)[:60])
    picker.set_input_files(broken)
    expect(page.locator("refund-desk .failed .note")).to_have_text("未发送")
    page.locator("refund-desk .failed .again").click()
    expect(page.locator("refund-desk .message.buyer")).to_have_count(0)
    assert buyer_lines(live, page) == []


def test_a_choice_can_be_made_once_and_stays_made_after_a_reload(page: Page, live: LiveDesk) -> None:
    box = open_panel(page)
    box.fill("choose")
    box.press("Enter")
    chip = page.get_by_role("button", name="质量问题")
    chip.click()
    expect(page.locator("refund-desk .message.bot .bubble").last).to_contain_text("quality_defect")
    expect(chip).to_be_disabled()
    assert buyer_lines(live, page) == ["choose", "质量问题"]
    page.reload()
    open_panel(page)
    expect(page.get_by_role("button", name="质量问题")).to_be_disabled()
    expect(page.get_by_role("button", name="不想要了")).to_be_disabled()


def test_unread_lines_are_counted_until_the_panel_is_opened(page: Page, live: LiveDesk) -> None:
    box = open_panel(page)
    box.fill("在吗")
    box.press("Enter")
    expect(page.locator("refund-desk .message.bot .bubble").last).to_have_text("bot: 在吗")
    page.keyboard.press("Escape")
    launcher = page.locator("refund-desk .launcher")
    expect(launcher).to_be_focused()
    add_line(live, conversation(live, page).id, "还在吗")
    expect(page.locator("refund-desk .badge")).to_have_text("1")
    expect(launcher).to_have_attribute("aria-label", "打开退款客服, 1 条未读消息")
    page.reload()
    expect(page.locator("refund-desk .badge")).to_have_text("1")
    launcher.click()
    expect(page.locator("refund-desk .badge")).to_be_hidden()


@pytest.mark.parametrize(
    ("language", "subtitle", "person"),
    [("zh-Hans", "不是真人", "转人工"), ("zh-Hant", "不是真人", "真人客服"), ("en", "not a person", "Get a person")],
)
def test_the_header_says_that_it_is_a_machine(
    context: BrowserContext, live: LiveDesk, language: str, subtitle: str, person: str
) -> None:
    page = opened(context, live, language=language)
    open_panel(page)
    expect(page.locator("refund-desk header p")).to_contain_text(subtitle)
    expect(page.locator("refund-desk .person")).to_have_text(person)
    assert page.locator("refund-desk").get_attribute("lang") == language


def test_a_small_screen_is_filled_and_nothing_runs_over(context: BrowserContext, live: LiveDesk) -> None:
    page = opened(context, live)
    page.set_viewport_size({"width": 360, "height": 640})
    open_panel(page)
    page.wait_for_timeout(300)  # the opening animation
    assert page.locator("refund-desk .panel").bounding_box() == {"x": 0, "y": 0, "width": 360, "height": 640}
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_markup_from_people_stays_text(page: Page, live: LiveDesk) -> None:
    box = open_panel(page)
    evil = "<img src=x onerror=document.title='hacked'> https://example.com/a?b=1"
    box.fill(evil)
    box.press("Enter")
    line = page.locator("refund-desk .message.buyer:not([data-pending])")
    expect(line.locator("p")).to_have_text(evil)
    expect(line.locator("img")).to_have_count(0)
    expect(line.locator("a")).to_have_attribute("rel", "noopener noreferrer nofollow")
    assert "hacked" not in page.title()


def test_asking_about_an_order_writes_the_question_for_the_buyer(page: Page) -> None:
    page.locator("[data-ask]").first.click()
    expect(page.locator("refund-desk textarea")).to_have_value("我想咨询订单 RD20260001")
    assert said(page, "buyer") == []


def test_nothing_is_asked_of_anybody_else(context: BrowserContext, live: LiveDesk) -> None:
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    errors: list[str] = []
    page = context.new_page()
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.goto(f"{live.url}/demo")
    box = open_panel(page)
    box.fill("你好")
    box.press("Enter")
    expect(page.locator("refund-desk [data-pending]")).to_have_count(0)
    assert errors == []
    assert [url for url in asked if not url.startswith((live.url, "data:"))] == []
