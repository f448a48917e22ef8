"""Buyers in the widget and an agent in the console: real Chromium windows before real processes."""

import io
from collections.abc import Iterator

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.browser import running_browser
from tests.e2e.stack import Stack
from tests.e2e.wordings import WORDINGS, Order, Wording, check_case, is_in

pytestmark = pytest.mark.e2e

ANSWER_MS = 20_000


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as browser:
        yield browser


class Buyer:
    """A guest with the demo shop open and the chat in front of them."""

    def __init__(self, browser: Browser, stack: Stack, language: str) -> None:
        self._context = browser.new_context(viewport={"width": 1280, "height": 860})
        self._context.set_default_timeout(ANSWER_MS)
        self.page: Page = self._context.new_page()
        self.page.goto(f"{stack.url}/demo?buyer=guest&lang={language}")
        self.page.locator("refund-desk .launcher").click()
        self._bubbles = self.page.locator("refund-desk .message.bot .bubble")
        expect(self._bubbles.first).to_be_visible(timeout=ANSWER_MS)

    def close(self) -> None:
        self._context.close()

    def said_by_bot(self) -> list[str]:
        return self._bubbles.all_inner_texts()

    def write(self, text: str) -> str:
        """Send a message; the last thing the bot said after it."""
        before = self._bubbles.count()
        box = self.page.locator("refund-desk textarea")
        box.fill(text)
        box.press("Enter")
        return self._answer(before)

    def attach(self) -> None:
        """Choose a picture; it is sent at once."""
        data = io.BytesIO()
        Image.new("RGB", (320, 240), (180, 90, 60)).save(data, "JPEG")
        file = {"name": "left.jpg", "mimeType": "image/jpeg", "buffer": data.getvalue()}
        self.page.locator("refund-desk input[type=file]").set_input_files(file)  # type: ignore[arg-type]

    def attach_and_wait(self) -> str:
        before = self._bubbles.count()
        self.attach()
        return self._answer(before)

    def press(self, title: str) -> str:
        before = self._bubbles.count()
        self.page.locator("refund-desk .message.bot button", has_text=title).last.click()
        return self._answer(before)

    def _answer(self, before: int) -> str:
        expect(self._bubbles.nth(before)).to_be_visible(timeout=ANSWER_MS)
        expect(self.page.locator("refund-desk .typing")).to_be_hidden(timeout=ANSWER_MS)
        return "\n".join(self.said_by_bot()[before:])


@pytest.fixture
def buyers(browser: Browser, stack: Stack) -> Iterator[dict[str, Buyer]]:
    """One buyer for each language."""
    made = {wording.language: Buyer(browser, stack, wording.language) for wording in WORDINGS}
    yield made
    for buyer in made.values():
        buyer.close()


@pytest.mark.parametrize("wording", WORDINGS, ids=lambda wording: wording.language)
def test_one_message_that_holds_everything(stack: Stack, buyers: dict[str, Buyer], wording: Wording) -> None:
    buyer, order = buyers[wording.language], wording.earphones
    buyer.write(wording.everything.format(number=order.number, tail=order.phone_tail))
    words = buyer.attach_and_wait()

    assert order.shown in words
    assert_ends_well(stack, buyer, wording, order)


@pytest.mark.parametrize("wording", WORDINGS, ids=lambda wording: wording.language)
def test_one_thing_at_a_time(stack: Stack, buyers: dict[str, Buyer], wording: Wording) -> None:
    buyer, order = buyers[wording.language], wording.kettle
    buyer.write(wording.wants)
    buyer.write(order.number)
    buyer.write(order.phone_tail)
    buyer.write(wording.reason)
    words = buyer.attach_and_wait()

    assert order.shown in words
    assert wording.rule in words
    assert_ends_well(stack, buyer, wording, order)


def assert_ends_well(stack: Stack, buyer: Buyer, wording: Wording, order: Order) -> None:
    done = buyer.press(wording.yes)
    case = check_case(stack.cases(order.number), wording, order)
    assert case["id"] in done
    for bubble in buyer.said_by_bot():
        assert is_in(wording.language, bubble), bubble


def test_a_buyer_asks_for_a_person_and_is_served_from_another_browser(browser: Browser, stack: Stack) -> None:
    buyer = Buyer(browser, stack, "zh-Hant")
    buyer.write("訂單 RD20260023 鍵盤壞了")
    buyer.write("我要找真人客服")
    mode = buyer.page.locator("refund-desk .mode")
    expect(mode).to_contain_text("等候", timeout=ANSWER_MS)

    agent = browser.new_context(locale="zh-TW", viewport={"width": 1280, "height": 860}).new_page()
    agent.goto(f"{stack.url}/console")
    agent.locator("input[name=username]").fill("admin")
    agent.locator("input[name=password]").fill("e2e-password")
    agent.keyboard.press("Enter")
    agent.locator(".group.queued a.row").first.click()
    expect(agent.locator("#lines")).to_contain_text("我要找真人客服")
    agent.get_by_role("button", name="接手").click()
    expect(mode).to_contain_text("admin", timeout=ANSWER_MS)

    bot_lines = len(buyer.said_by_bot())
    reply = agent.locator("#foot textarea").first
    reply.fill("您好，我來看您的鍵盤問題")
    reply.press("Enter")
    expect(buyer.page.locator("refund-desk .message.agent .bubble")).to_have_text("您好，我來看您的鍵盤問題")
    buyer.page.locator("refund-desk textarea").fill("按鍵按下去沒反應，我要退款")
    buyer.page.locator("refund-desk textarea").press("Enter")
    expect(agent.locator("#lines")).to_contain_text("按鍵按下去沒反應，我要退款", timeout=ANSWER_MS)
    assert len(buyer.said_by_bot()) == bot_lines

    agent.get_by_role("button", name="交回機器人").click()
    expect(mode).not_to_contain_text("admin", timeout=ANSWER_MS)
    buyer.write("你好")
    assert len(buyer.said_by_bot()) > bot_lines
    agent.context.close()
    buyer.close()
