"""The REST channel's body becomes one message, or is refused before anything is stored."""

import base64

import pytest
from pydantic import ValidationError

from bot.channels.base import InboundMessage, clean_text, message_key
from bot.channels.identity import Identity, sign
from bot.channels.rest import RestBody, parse_message
from bot.channels.widget import widget_message
from bot.errors import BadInput, NotAuthenticated

SECRET = "a-secret-of-at-least-thirty-two-bytes"


def parse(**body: object) -> InboundMessage:
    checked = RestBody.model_validate({"sender": "ann"} | body)
    return parse_message(checked, identity_secret=SECRET, shop="demo", max_bytes=100)


def test_text_identity_and_hint_are_taken() -> None:
    found = parse(text="退款", identity=sign(Identity("u-ann", "Ann"), SECRET), language="en", message_id="m1")
    assert (found.text, found.identity, found.language_hint) == ("退款", Identity("u-ann", "Ann"), "en")
    assert (found.message_key, found.shop, found.channel) == ("ann:m1", "demo", "rest")


def test_messages_without_an_id_are_different_messages() -> None:
    assert parse(text="退款").message_key != parse(text="退款").message_key


def test_an_attachment_is_decoded_and_checked() -> None:
    data = base64.b64encode(b"proof").decode()
    [upload] = parse(attachments=[{"filename": "a.txt", "content_type": "text/plain", "data": data}]).attachments
    assert (upload.data, upload.content_type) == (b"proof", "text/plain")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": "  "},
        {"attachments": [{"data": "***"}]},
        {"attachments": [{"data": base64.b64encode(b"x" * 101).decode()}]},
    ],
)
def test_bad_bodies_are_bad_input(body: dict[str, object]) -> None:
    with pytest.raises(BadInput):
        parse(**body)


@pytest.mark.parametrize(
    "body", [{"sender": ""}, {"sender": "x" * 129}, {"text": "x" * 10_001}, {"language": "fr"}, {"message_id": ""}]
)
def test_wrong_fields_are_refused(body: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        parse(**({"text": "x"} | body))


def test_a_forged_identity_is_refused() -> None:
    with pytest.raises(NotAuthenticated):
        parse(text="退款", identity="a.b.c")


def test_text_that_no_database_takes_is_mended() -> None:
    assert clean_text("a\x00b\ud800c退款") == "ab?c退款"


def test_long_keys_stay_different_and_short_enough() -> None:
    keys = {message_key("s" * 128, "k" * 127 + end) for end in "ab"}
    assert [len(key) for key in keys] == [64, 64]


def test_the_widgets_frames_are_scoped_by_sender() -> None:
    one = widget_message(sender="a" * 20, client_id="1", shop="demo", text="hi")
    two = widget_message(sender="b" * 20, client_id="1", shop="demo", text="hi")
    assert one.message_key != two.message_key
    assert (one.channel, one.client_id) == ("widget", "1")
    with pytest.raises(BadInput):
        widget_message(sender="a" * 20, client_id="", shop="demo", text="hi")
