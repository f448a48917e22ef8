"""Packs are data that cannot be half right: a wrong one is named with file and line."""

import shutil
from pathlib import Path

import pytest

from bot.errors import PolicyError
from bot.policy.packs import check_shop, load_packs
from bot.policy.rules import Effect
from bot.words import Language, Market
from tests.policy.build import PACKS, POLICIES


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the packs that a test may spoil."""
    return Path(shutil.copytree(POLICIES, tmp_path / "policies"))


def spoil(path: Path, old: str, new: str) -> int:
    """Replace the first `old` in a file; the line (from 1) it was on."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    line = text[: text.index(old)].count("\n") + 1
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return line


def test_every_market_has_a_pack_and_the_shop_breaks_no_law() -> None:
    assert set(PACKS.packs) == set(Market)
    assert check_shop(PACKS) == []


def test_every_rule_is_cited_in_three_languages_with_a_source() -> None:
    for pack in PACKS.packs.values():
        for rule in (*pack.rules, *pack.promises):
            assert set(rule.citation) == set(Language)
            assert rule.source
            if "unverified" in rule.source or "from memory" in rule.source:
                assert not rule.verified


def test_traditional_texts_are_not_simplified_ones() -> None:
    """Each text of a rule differs between the scripts, or is too short to."""
    for pack in PACKS.packs.values():
        for rule in (*pack.rules, *pack.promises):
            for outcome in rule.outcomes:
                if outcome.say:
                    assert outcome.say[Language.ZH_HANS] != outcome.say[Language.ZH_HANT], rule.id


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("window: {days: 7, roll: true}", "window: {days: seven}", "days"),
        ("effect: deny", "effect: perhaps", "effect"),
        ("zone: Asia/Shanghai", "zone: Asia/Nowhere", "time zone"),
        ("    paths: [no_reason]", "    paths: [no_reasons]", "paths"),
        (
            "    source: Consumer Protection Law (PRC, 2013) art 25\n",
            "    sauce: Consumer Protection Law (PRC, 2013) art 25\n",
            "sauce",
        ),
    ],
)
def test_a_wrong_field_is_named_with_its_line(folder: Path, old: str, new: str, says: str) -> None:
    line = spoil(folder / "cn.yml", old, new)

    with pytest.raises(PolicyError) as caught:
        load_packs(folder)

    # A missing field is reported where its rule begins, a wrong one where it stands.
    assert caught.value.fields["file"] == str(folder / "cn.yml")
    assert says in caught.value.detail or "source" in caught.value.detail
    if "source" not in caught.value.detail:
        assert caught.value.fields["line"] == line


def test_what_is_not_yaml_is_named_with_its_line(folder: Path) -> None:
    (folder / "tw.yml").write_text("market: tw\nzone: [Asia/Taipei\nprovisions: []\n", encoding="utf-8")

    with pytest.raises(PolicyError, match="not YAML") as caught:
        load_packs(folder)

    assert caught.value.fields["line"] == 3


@pytest.mark.parametrize(
    ("name", "text", "line", "says"),
    [
        ("tw.yml", "- a list\n", 1, "mapping"),
        ("tw.yml", "market: tw\nmarket: cn\nzone: Asia/Taipei\n", 2, "key market is there twice"),
        ("tw.yml", "market: cn\nzone: Asia/Taipei\n", 1, "this file is about market cn"),
        ("zz.yml", "market: tw\nzone: Asia/Taipei\n", 1, "this file is about market tw"),
    ],
)
def test_a_file_of_the_wrong_shape_is_refused(folder: Path, name: str, text: str, line: int, says: str) -> None:
    (folder / name).write_text(text, encoding="utf-8")

    with pytest.raises(PolicyError, match=says) as caught:
        load_packs(folder)

    assert caught.value.fields["line"] == line


def test_a_rule_id_given_twice_is_refused(folder: Path) -> None:
    line = spoil(folder / "tw.yml", "- id: TW.19.shipped", "- id: TW.19.1")

    with pytest.raises(PolicyError, match=r"rule TW\.19\.1 is there twice") as caught:
        load_packs(folder)

    assert caught.value.fields["line"] == line


def test_a_sentence_may_only_mention_what_is_known_and_the_same_in_every_language(folder: Path) -> None:
    spoil(folder / "cn.yml", "您在{received}签收，{days}天", "您在{moon}签收，{days}天")
    with pytest.raises(PolicyError, match="unknown placeholder moon"):
        load_packs(folder)
    spoil(folder / "cn.yml", "您在{moon}签收，{days}天", "您已签收，{days}天")
    with pytest.raises(PolicyError, match="do not mention the same things"):
        load_packs(folder)


def test_a_text_missing_in_one_language_is_refused(folder: Path) -> None:
    spoil(folder / "us.yml", "      zh-Hant: 美國聯邦法規第16編第435部分（郵購規則）\n", "")

    with pytest.raises(PolicyError, match="no text in zh-Hant"):
        load_packs(folder)


def test_a_folder_without_packs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="cannot be read"):
        load_packs(tmp_path)


PROMISE = """
  - id: {id}
    paths: [{path}]
    markets: [{market}]
    when: {{stages: [delivered]}}
    {body}
    citation: {{zh-Hans: 甲, zh-Hant: 甲, en: a}}
    source: shop
    effective_from: 2020-01-01
"""
SAY = "say: {zh-Hans: 不行, zh-Hant: 不行, en: no}"


@pytest.mark.parametrize(
    ("path", "market", "body", "says"),
    [
        (
            "no_reason",
            "cn",
            f"window: {{days: 5}}\n    after: {{effect: deny, {SAY}}}",
            "SHOP.bad: 5 days are fewer than the 7 of CN.CPL25.window (cn)",
        ),
        (
            "no_reason",
            "tw",
            f"then: {{effect: exclude, {SAY}}}",
            "SHOP.bad: takes away what TW.19.1 (tw) gives",
        ),
        (
            "non_conformity",
            "cn",
            f"window: {{days: 90}}\n    after: {{effect: deny, {SAY}}}",
            "SHOP.bad: ends a right that CN.CPL24 (cn) does not end",
        ),
        (
            "no_reason",
            "tw",
            "then: {effect: allow, resolutions: [return_and_refund], freight: buyer}",
            "SHOP.bad: charges freight that TW.19.1 (tw) puts on the seller",
        ),
    ],
)
def test_a_shop_rule_that_takes_away_a_right_is_refused(
    folder: Path, path: str, market: str, body: str, says: str
) -> None:
    shop = folder / "shop.yml"
    text = shop.read_text(encoding="utf-8").rstrip("\n")
    shop.write_text(text + PROMISE.format(id="SHOP.bad", path=path, market=market, body=body), encoding="utf-8")

    assert says in check_shop(load_packs(folder, strict=False))
    with pytest.raises(PolicyError) as caught:
        load_packs(folder)
    assert caught.value.fields["line"] == len(text.splitlines()) + 1


def test_a_more_generous_shop_is_welcome(folder: Path) -> None:
    body = "window: {days: 60}\n    within: {effect: allow, resolutions: [return_and_refund], freight: seller}"
    shop = folder / "shop.yml"
    more = PROMISE.format(id="SHOP.more", path="no_reason", market="cn", body=body)
    shop.write_text(shop.read_text(encoding="utf-8").rstrip("\n") + more, encoding="utf-8")

    assert check_shop(load_packs(folder)) == []


def test_a_shop_slower_than_the_law_or_without_an_address_is_refused(folder: Path) -> None:
    spoil(folder / "shop.yml", "refund_days: 7", "refund_days: 10")
    spoil(folder / "shop.yml", "  us: Demo Shop", "  us: ''\n  # Demo Shop")

    assert check_shop(load_packs(folder, strict=False)) == [
        "refund_days: 10 days are longer than the 7 of CN.CPL25.refund (cn)",
        "return_addresses: none for us, where buyers may send goods back",
    ]


def test_refusals_and_people_are_always_explained() -> None:
    for pack in PACKS.packs.values():
        for rule in (*pack.rules, *pack.promises):
            for outcome in rule.outcomes:
                if outcome.effect not in (Effect.ALLOW, Effect.NOTE):
                    assert outcome.say, rule.id
