"""An agent at work in a real Chromium, with the buyer's widget in another window."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import running_browser
from tests.desk.widget.live_desk import LiveDesk

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as browser:
        yield browser


@pytest.fixture
def buyer(browser: Browser, live: LiveDesk) -> Iterator[Page]:
    """A guest who has asked for a person."""
    context = browser.new_context(locale="zh-CN", viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.goto(f"{live.url}/demo?buyer=guest&lang=zh-Hans")
    page.locator("refund-desk .launcher").click()
    page.locator("refund-desk .person").click()
    expect(page.locator("refund-desk .message.bot .bubble").last).to_contain_text("bot: 转人工客服")
    yield page
    context.close()


@pytest.fixture
def desk(browser: Browser, live: LiveDesk) -> Iterator[Page]:
    """The console's list, logged in as the first agent."""
    context = browser.new_context(locale="zh-CN", viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.goto(f"{live.url}/console")
    page.get_by_label("用户名").fill("admin")
    page.get_by_label("密码").fill("console-password")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="等待人工")).to_be_visible()
    yield page
    context.close()


def test_a_chat_is_taken_over_answered_and_handed_back_without_a_reload(
    live: LiveDesk, buyer: Page, desk: Page
) -> None:
    cid = desk.locator(".group.bot a.row").first.get_attribute("href")
    assert cid is not None
    conversation_id = cid.rsplit("/", 1)[1]
    live.desk.floor.handoff(conversation_id, "asked_for_person")
    waiting = desk.locator(".group.queued a.row")
    expect(waiting).to_contain_text("买家要求人工")
    expect(desk).to_have_title("(1) 会话 – 退款客服工作台")
    expect(buyer.locator("refund-desk .mode")).to_have_text("正在等待人工客服，您可以继续留言")
    expect(buyer.locator("refund-desk .person")).to_be_hidden()

    waiting.click()
    desk.get_by_role("button", name="接手会话").click()
    expect(desk.get_by_text("已接手，机器人不会再回复。")).to_be_visible()
    expect(buyer.locator("refund-desk .mode")).to_have_text("您正在与 admin 对话")

    box = desk.get_by_label("回复买家")
    box.fill("您好，我看到您的问题了")
    box.press("Enter")
    expect(buyer.locator("refund-desk .message.agent .bubble")).to_have_text("您好，我看到您的问题了")
    expect(box).to_have_value("")
    box.press_sequentially("稍")
    expect(buyer.locator("refund-desk .typing")).to_be_visible()
    box.press("Control+Enter")
    expect(buyer.locator("refund-desk .message.agent .bubble")).to_have_count(2)

    asked = len(live.rasa.asked)
    answer = buyer.locator("refund-desk textarea")
    answer.press_sequentially("好的")
    expect(desk.locator("#typing")).to_be_visible()
    answer.press("Enter")
    expect(desk.locator("#lines .line.buyer").last).to_contain_text("好的")
    assert len(live.rasa.asked) == asked

    desk.get_by_role("button", name="交回机器人").click()
    expect(buyer.locator("refund-desk .mode")).to_have_text("AI 助手为您服务")
    expect(desk.get_by_role("button", name="接手会话")).to_be_visible()
    assert [author for author, _ in live.lines(conversation_id)] == [
        "bot", "buyer", "bot", "system", "agent", "agent", "buyer", "system",
    ]  # fmt: skip


def test_when_somebody_else_is_quicker_the_open_page_says_who(live: LiveDesk, desk: Page) -> None:
    conversation_id = live.say("9" * 32, "有人吗")
    desk.goto(f"{live.url}/console/c/{conversation_id}")
    expect(desk.get_by_text("先接手会话，才能回复买家。")).to_be_visible()
    live.desk.floor.claim(conversation_id, live.add_agent("quick", "小快"))
    expect(desk.get_by_text("小快 正在处理这个会话。").first).to_be_visible()
    expect(desk.get_by_role("button", name="接手会话")).to_have_count(0)


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_runs_over_the_edge_of_the_screen(live: LiveDesk, desk: Page, width: int) -> None:
    live.say("8" * 32, "https://shop.example/" + "long" * 60)
    desk.set_viewport_size({"width": width, "height": 740})
    for path in ("/console", f"/console/c/{live.say('8' * 32, 'W' * 300)}"):
        desk.goto(live.url + path)
        assert desk.evaluate("document.documentElement.scrollWidth") <= width


def test_a_broken_line_is_shown_and_what_was_missed_is_caught_up(live: LiveDesk, desk: Page) -> None:
    conversation_id = live.say("7" * 32, "第一句")
    desk.goto(f"{live.url}/console/c/{conversation_id}")
    expect(desk.locator("#lines .line")).to_have_count(3)

    def while_away() -> None:
        expect(desk.locator("#line")).to_be_visible(timeout=10_000)

    live.restart(between=while_away)
    live.say("7" * 32, "第二句")
    expect(desk.locator("#lines .line.buyer").last).to_contain_text("第二句", timeout=20_000)
    expect(desk.locator("#line")).to_be_hidden()
    assert desk.locator("#lines .line").count() == len(live.lines(conversation_id))
