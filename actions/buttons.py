"""Buttons: a title in the buyer's language and the payload the desk sends when it is pressed."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from bot.reason_words import REASON_WORDS
from bot.words import Language, Reason

Button = dict[str, str]

_FILE = Path(__file__).with_name("buttons.yml")
_TITLE_LENGTH = 40
"""Characters of a title made from an order or an item; longer ones break the narrow widget."""


@lru_cache(maxsize=1)
def titles() -> dict[str, dict[str, dict[str, str]]]:
    """Group → name → language → title, from buttons.yml."""
    loaded: dict[str, dict[str, dict[str, str]]] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return loaded


def payload(intent: str, **entities: Any) -> str:
    """A trusted message: /intent{"entity": value}. Only pressed buttons reach Rasa in this form."""
    return f"/{intent}" + (json.dumps(entities, ensure_ascii=False) if entities else "")


def plain(name: str, language: str, intent: str, **entities: Any) -> Button:
    """A button with a fixed title."""
    return {"title": titles()["plain"][name][language], "payload": payload(intent, **entities)}


def person(language: str) -> Button:
    """One press reaches a person."""
    return plain("person", language, "request_human")


def reason(name: str, language: str) -> Button:
    return {"title": reason_words(name, language), "payload": payload("inform", reason=name)}


def reason_words(name: str, language: str) -> str:
    return REASON_WORDS[Reason(name)][Language(language)]


def order(found: dict[str, Any]) -> Button:
    title = f"{found['number']} {found['items'][0]['title']}"
    return {"title": title[:_TITLE_LENGTH], "payload": payload("inform", order_number=found["number"])}


def case(case_id: str, intent: str, **entities: Any) -> Button:
    """One of several cases; its number is its name."""
    return {"title": case_id, "payload": payload(intent, **entities)}


def item(line: dict[str, Any]) -> Button:
    return {"title": line["title"][:_TITLE_LENGTH], "payload": payload("inform", item_sku=line["sku"])}


def answer(title: str, fact: str, value: bool) -> Button:
    """Yes or no to one question; the payload names the fact, so an old button cannot answer a new question."""
    return {"title": title, "payload": payload("inform", **{fact: value})}
