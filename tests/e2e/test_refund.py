"""A program's buyer gets a refund over REST, in three languages, all at once and one thing at a time."""

import pytest

from tests.e2e.stack import Stack, Talk, picture
from tests.e2e.wordings import WORDINGS, Order, Wording, check_case, is_in

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize("wording", WORDINGS, ids=lambda wording: wording.language)
def test_one_message_that_holds_everything_ends_in_the_right_case(stack: Stack, wording: Wording) -> None:
    talk = stack.talk(f"all-{wording.language}")
    order = wording.earphones
    words = talk.say(wording.everything.format(number=order.number, tail=order.phone_tail), attachments=[picture()])

    assert order.shown in words, str(talk)
    assert wording.rule in words, str(talk)
    done = talk.press(wording.yes)

    assert_case(stack, talk, wording, order, done)


@pytest.mark.parametrize("wording", WORDINGS, ids=lambda wording: wording.language)
def test_one_thing_at_a_time_ends_in_the_right_case(stack: Stack, wording: Wording) -> None:
    order = wording.kettle
    talk = stack.talk(f"step-{wording.language}")
    talk.say(wording.wants)
    talk.say(order.number)
    talk.say(order.phone_tail)
    talk.say(wording.reason)
    words = talk.say(attachments=[picture(40)])

    assert order.shown in words, str(talk)
    assert wording.rule in words, str(talk)
    done = talk.press(wording.yes)

    assert_case(stack, talk, wording, order, done)


def assert_case(stack: Stack, talk: Talk, wording: Wording, order: Order, done: str) -> None:
    case = check_case(stack.cases(order.number), wording, order)
    assert case["id"] in done, str(talk)
    for line in talk.said:
        if line.startswith("bot:"):
            assert is_in(wording.language, line.removeprefix("bot:")), str(talk)
