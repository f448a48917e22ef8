"""What the rules say: path by path, with the rule that said it."""

from datetime import timedelta

import pytest

from bot.errors import BadInput, PolicyError
from bot.orders import GoodsFlag, OrderStatus
from bot.policy.model import Claim, ClaimItem
from bot.policy.packs import Packs
from bot.words import (
    EvidenceKind,
    FreightPayer,
    Language,
    Market,
    Path,
    Reason,
    Resolution,
    Verdict,
)
from tests.policy.build import NOW, PACKS, ask, claim, flagged, item, order


def kinds(decision_deadlines: tuple) -> list[str]:
    return [deadline.kind for deadline in decision_deadlines]


# --- reason to path ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "path", "verdict"),
    [
        (Reason.NO_LONGER_WANTED, Path.NO_REASON, Verdict.ALLOW),
        (Reason.ORDERED_BY_MISTAKE, Path.NO_REASON, Verdict.ALLOW),
        (Reason.QUALITY_DEFECT, Path.NON_CONFORMITY, Verdict.ALLOW),
        (Reason.DAMAGED_IN_TRANSIT, Path.NON_CONFORMITY, Verdict.ALLOW),
        (Reason.WRONG_ITEM, Path.NON_CONFORMITY, Verdict.ALLOW),
        (Reason.MISSING_PARTS, Path.NON_CONFORMITY, Verdict.ALLOW),
        (Reason.NOT_AS_DESCRIBED, Path.NON_CONFORMITY, Verdict.NEED_INFO),
        (Reason.SIZE_MISMATCH, Path.NON_CONFORMITY, Verdict.NEED_INFO),
        (Reason.COUNTERFEIT, Path.SAFETY, Verdict.HUMAN),
        (Reason.EXPIRED_OR_UNSAFE, Path.SAFETY, Verdict.HUMAN),
        (Reason.NOT_RECEIVED, Path.NON_DELIVERY, Verdict.HUMAN),
        (Reason.LATE_SHIPMENT, Path.NON_DELIVERY, Verdict.HUMAN),
        (Reason.DUPLICATE_CHARGE, Path.BILLING, Verdict.HUMAN),
        (Reason.PRICE_CHANGED, Path.BILLING, Verdict.HUMAN),
        (Reason.SELLER_AGREED, Path.AGREED, Verdict.HUMAN),
        (Reason.OTHER, Path.AGREED, Verdict.HUMAN),
    ],
)
def test_every_reason_has_its_path(reason: Reason, path: Path, verdict: Verdict) -> None:
    decision = ask(order(days=3), claim(reason, intact=True))

    assert (decision.path, decision.verdict) == (path, verdict)


@pytest.mark.parametrize(
    ("reason", "fact"),
    [(Reason.SIZE_MISMATCH, "differs_from_chart"), (Reason.NOT_AS_DESCRIBED, "differs_from_description")],
)
def test_one_question_decides_whose_side_it_is(reason: Reason, fact: str) -> None:
    shirt = order(days=3)

    open_ = ask(shirt, claim(reason))
    seller_side = ask(shirt, claim(reason, **{fact: True}))
    buyer_side = ask(shirt, claim(reason, intact=True, **{fact: False}))

    assert [need.fact for need in open_.needs] == [fact]
    assert open_.options == ()
    assert (seller_side.path, seller_side.options[0].freight_payer) == (Path.NON_CONFORMITY, FreightPayer.SELLER)
    assert [(e.kind, e.required) for e in seller_side.evidence] == [(EvidenceKind.PHOTO, True)]
    assert (buyer_side.path, buyer_side.options[0].freight_payer) == (Path.NO_REASON, FreightPayer.BUYER)
    assert buyer_side.evidence == ()


# --- before and on the way -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "reason",
    [Reason.NO_LONGER_WANTED, Reason.ORDERED_BY_MISTAKE, Reason.SIZE_MISMATCH, Reason.NOT_AS_DESCRIBED],
)
def test_an_order_not_shipped_is_cancelled_and_all_of_it_refunded(reason: Reason) -> None:
    decision = ask(order(shipped=False), claim(reason))

    assert (decision.verdict, decision.path, decision.automatic) == (Verdict.ALLOW, Path.NO_REASON, True)
    assert [(o.resolution, o.total, o.freight_payer) for o in decision.options] == [
        (Resolution.REFUND_ONLY, 10900, FreightPayer.NONE)
    ]
    assert decision.rule_ids[0] == "SHOP.cancel_before_shipping"
    assert kinds(decision.deadlines) == ["refund_by"]


def test_custom_made_goods_can_be_cancelled_before_shipping_but_a_person_looks() -> None:
    decision = ask(order(shipped=False, items=flagged(GoodsFlag.CUSTOM_MADE)), claim())

    assert (decision.verdict, decision.automatic) == (Verdict.ALLOW, False)


def test_a_parcel_on_its_way_may_be_refused_or_sent_back_and_nothing_has_started() -> None:
    decision = ask(order(shipped=True), claim())

    assert (decision.verdict, decision.path) == (Verdict.ALLOW, Path.NO_REASON)
    assert [(o.resolution, o.total) for o in decision.options] == [(Resolution.RETURN_AND_REFUND, 9900)]
    assert kinds(decision.deadlines) == ["review_by"]
    assert "拒收" in decision.why[Language.ZH_HANS]
    assert "have not started" in decision.why[Language.EN]


def test_a_defect_on_a_parcel_that_has_not_come_asks_whether_it_has() -> None:
    on_the_way = order(shipped=True)

    asked = ask(on_the_way, claim(Reason.QUALITY_DEFECT))
    has_it = ask(on_the_way, claim(Reason.QUALITY_DEFECT, received=True))
    has_not = ask(on_the_way, claim(Reason.QUALITY_DEFECT, received=False))

    assert (asked.verdict, [need.fact for need in asked.needs]) == (Verdict.NEED_INFO, ["received"])
    assert (has_it.verdict, has_it.options[0].resolution) == (Verdict.ALLOW, Resolution.RETURN_AND_REFUND)
    assert (has_not.verdict, has_not.rule_ids[0]) == (Verdict.HUMAN, "CN.CPL24.refused")


def test_a_defect_on_an_order_not_shipped_goes_to_a_person() -> None:
    decision = ask(order(shipped=False), claim(Reason.QUALITY_DEFECT))

    assert (decision.verdict, decision.rule_ids) == (Verdict.HUMAN, ("SHOP.not_sent",))


@pytest.mark.parametrize(("age", "verdict"), [(3, Verdict.HUMAN), (15, Verdict.HUMAN), (16, Verdict.ALLOW)])
def test_not_received_is_traced_first_and_refunded_after_fifteen_days(age: int, verdict: Verdict) -> None:
    lost = order(shipped=True, shipped_at=NOW - timedelta(days=age))

    decision = ask(lost, claim(Reason.NOT_RECEIVED))

    assert decision.verdict is verdict
    assert [(o.resolution, o.total) for o in decision.options] == [
        (Resolution.REFUND_ONLY, 10900),
        (Resolution.RESHIP, 0),
    ]
    assert [(e.kind, e.required) for e in decision.evidence] == [(EvidenceKind.LOGISTICS_RECORD, False)]
    assert not decision.automatic
    assert "CN.ECL20" in decision.rule_ids


@pytest.mark.parametrize(
    ("reason", "rule"),
    [(Reason.NOT_RECEIVED, "SHOP.signed_not_received"), (Reason.LATE_SHIPMENT, "SHOP.arrived_late")],
)
def test_delivered_by_the_record_but_not_or_late_by_the_buyer_goes_to_a_person(reason: Reason, rule: str) -> None:
    decision = ask(order(days=20), claim(reason))

    assert (decision.verdict, decision.rule_ids[0]) == (Verdict.HUMAN, rule)


def test_a_late_order_that_was_not_shipped_is_refunded_at_once() -> None:
    decision = ask(order(shipped=False), claim(Reason.LATE_SHIPMENT))

    assert (decision.verdict, decision.path, decision.automatic) == (Verdict.ALLOW, Path.NON_DELIVERY, True)
    assert decision.options[0].total == 10900


def test_the_record_says_delivered_and_the_buyer_says_no_so_nothing_is_refused() -> None:
    decision = ask(order(days=30), claim(received=False, intact=True))

    assert (decision.verdict, decision.rule_ids[0]) == (Verdict.HUMAN, "SHOP.record_conflict")


# --- a change of mind, delivered -----------------------------------------------------------------------


def test_day_eight_is_refused_by_the_window_and_the_quality_path_stays_open() -> None:
    decision = ask(order(days=8), claim(intact=True))

    assert decision.verdict is Verdict.DENY
    assert decision.rule_ids == ("CN.CPL25.window", "CN.M7.10")
    window = decision.trace[0]
    assert (window.met, window.effect) == (True, "deny")
    assert window.fact == "goods delivered; received 2026-09-04, day 8 of 7, last day 2026-09-11"
    assert decision.options == ()
    assert decision.deadlines == ()
    assert "2026年9月11日 24:00（北京时间）" in decision.why[Language.ZH_HANS]
    assert "质量问题" in decision.why[Language.ZH_HANS]
    assert "瑕疵" in decision.why[Language.ZH_HANT]
    assert "faulty" in decision.why[Language.EN]


@pytest.mark.parametrize(
    ("flag", "rule"),
    [
        (GoodsFlag.CUSTOM_MADE, "CN.CPL25.excl4.custom"),
        (GoodsFlag.PERISHABLE, "CN.CPL25.excl4.perishable"),
        (GoodsFlag.DIGITAL_CONTENT, "CN.CPL25.excl4.digital"),
        (GoodsFlag.PERIODICAL, "CN.CPL25.excl4.periodical"),
    ],
)
@pytest.mark.parametrize("confirmed", [None, False, True])
def test_the_four_statutory_classes_are_excluded_by_law(flag: GoodsFlag, rule: str, confirmed: bool | None) -> None:
    decision = ask(order(days=2, items=flagged(flag, confirmed=confirmed)), claim(intact=True))

    assert (decision.verdict, decision.rule_ids[0]) == (Verdict.DENY, rule)
    assert decision.trace[0].effect == "exclude"
    assert "CN.M7.6" in decision.rule_ids
    assert "CN.M7.10" not in decision.rule_ids
    assert "“Mug”" in decision.why[Language.ZH_HANS]


def test_a_defect_in_excluded_goods_is_another_path() -> None:
    decision = ask(order(days=2, items=flagged(GoodsFlag.CUSTOM_MADE)), claim(Reason.QUALITY_DEFECT))

    assert (decision.verdict, decision.options[0].resolution) == (Verdict.ALLOW, Resolution.RETURN_AND_REFUND)


@pytest.mark.parametrize(
    "flag",
    [
        GoodsFlag.SAFETY_SEAL,
        GoodsFlag.HYGIENE,
        GoodsFlag.DEVALUED_BY_USE,
        GoodsFlag.NEAR_EXPIRY,
        GoodsFlag.DISCLOSED_FLAW,
    ],
)
def test_other_classes_are_excluded_only_with_the_recorded_confirmation(flag: GoodsFlag) -> None:
    said = claim(intact=True)

    confirmed = ask(order(days=2, items=flagged(flag, confirmed=True)), said)
    declined = ask(order(days=2, items=flagged(flag, confirmed=False)), said)
    unrecorded = ask(order(days=2, items=flagged(flag, confirmed=None)), said)

    assert (confirmed.verdict, confirmed.rule_ids[0]) == (Verdict.DENY, "CN.M7.7")
    assert (declined.verdict, unrecorded.verdict) == (Verdict.ALLOW, Verdict.ALLOW)
    assert "CN.REG19.2" in unrecorded.rule_ids


def test_media_are_excluded_once_the_buyer_unsealed_them() -> None:
    disc = order(days=2, items=flagged(GoodsFlag.SEALED_MEDIA))

    assert [need.fact for need in ask(disc, claim()).needs] == ["intact"]
    assert ask(disc, claim(intact=True)).verdict is Verdict.ALLOW
    opened = ask(disc, claim(intact=False))
    assert (opened.verdict, opened.rule_ids[0]) == (Verdict.DENY, "CN.CPL25.excl4.media")


def test_excluded_goods_stay_and_the_rest_of_the_order_goes_back() -> None:
    mixed = order(days=2, items=(item("TEE"), *flagged(GoodsFlag.CUSTOM_MADE)))

    decision = ask(mixed, claim(intact=True))

    assert decision.verdict is Verdict.ALLOW
    assert [(line.sku, line.amount) for line in decision.options[0].lines] == [("TEE", 9900)]
    assert "“Mug”" in decision.why[Language.ZH_HANS]


@pytest.mark.parametrize("category", ["food", "cosmetics", "electronics", "clothes", "shoes", "bags", "toys", "home"])
def test_the_state_of_the_goods_is_asked_where_the_law_has_a_list(category: str) -> None:
    goods = order(days=2, items=(item(category=category),))

    decision = ask(goods, claim())

    assert (decision.verdict, [need.fact for need in decision.needs]) == (Verdict.NEED_INFO, ["intact"])


def test_the_state_of_the_goods_is_not_asked_where_nothing_hangs_on_it() -> None:
    assert ask(order(days=2, items=(item(category="books"),)), claim()).needs == ()
    assert ask(order(days=9), claim()).needs == ()
    assert ask(order(days=2), claim(Reason.QUALITY_DEFECT)).needs == ()
    assert ask(order(shipped=True), claim()).needs == ()


@pytest.mark.parametrize(("market", "rule"), [("cn", "CN.M7.9"), ("tw", "SHOP.inspection"), ("us", "SHOP.inspection")])
def test_goods_that_are_not_intact_go_to_a_person_and_are_never_refused(market: str, rule: str) -> None:
    decision = ask(order(market, days=2), claim(intact=False))

    assert (decision.verdict, decision.rule_ids[0]) == (Verdict.HUMAN, rule)
    assert decision.options[0].resolution is Resolution.RETURN_AND_REFUND


@pytest.mark.parametrize(
    ("market", "payer", "total"),
    [
        ("cn", FreightPayer.BUYER, 9900),
        ("tw", FreightPayer.SELLER, 10900),
        ("us", FreightPayer.BUYER, 9900),
        ("eu", FreightPayer.SELLER, 10900),
        ("uk", FreightPayer.SELLER, 10900),
    ],
)
def test_who_pays_for_a_change_of_mind_is_the_markets_rule(market: str, payer: FreightPayer, total: int) -> None:
    best = ask(order(market, days=2), claim(intact=True)).options[0]

    assert (best.resolution, best.freight_payer, best.total) == (Resolution.RETURN_AND_REFUND, payer, total)


@pytest.mark.parametrize("market", list(Market))
def test_the_seller_pays_freight_for_goods_that_do_not_conform(market: Market) -> None:
    decision = ask(order(market, days=2), claim(Reason.QUALITY_DEFECT))

    assert decision.verdict is Verdict.ALLOW
    assert (decision.options[0].freight_payer, decision.options[0].total) == (FreightPayer.SELLER, 10900)


@pytest.mark.parametrize(
    ("flag", "confirmed", "intact", "verdict"),
    [
        (GoodsFlag.CUSTOM_MADE, True, True, Verdict.DENY),
        (GoodsFlag.CUSTOM_MADE, None, True, Verdict.ALLOW),
        (GoodsFlag.PERISHABLE, False, True, Verdict.ALLOW),
        (GoodsFlag.HYGIENE, True, True, Verdict.ALLOW),
        (GoodsFlag.HYGIENE, True, False, Verdict.DENY),
        (GoodsFlag.HYGIENE, None, False, Verdict.HUMAN),
        (GoodsFlag.DEVALUED_BY_USE, True, True, Verdict.ALLOW),
    ],
)
def test_taiwan_excludes_only_what_the_buyer_was_told(
    flag: GoodsFlag, confirmed: bool | None, intact: bool, verdict: Verdict
) -> None:
    decision = ask(order("tw", days=2, items=flagged(flag, confirmed=confirmed)), claim(intact=intact))

    assert decision.verdict is verdict


# --- goods that do not conform -------------------------------------------------------------------------


def test_a_defect_after_the_week_offers_exchange_and_repair_and_says_what_a_person_can_do() -> None:
    decision = ask(order(days=20), claim(Reason.QUALITY_DEFECT))

    assert (decision.verdict, decision.rule_ids) == (Verdict.ALLOW, ("CN.CPL24",))
    assert decision.trace[0].fact == "goods delivered; received 2026-08-23, day 20 of 7, last day 2026-08-30"
    assert "人工客服" in decision.why[Language.ZH_HANS]


def test_digital_content_has_nothing_to_send_back() -> None:
    decision = ask(order(days=2, items=flagged(GoodsFlag.DIGITAL_CONTENT)), claim(Reason.QUALITY_DEFECT))

    best = decision.options[0]
    assert (best.resolution, best.freight_payer) == (Resolution.REFUND_ONLY, FreightPayer.NONE)
    # Pictures are looked at first: no day of payment is promised.
    assert kinds(decision.deadlines) == ["return_window_ends", "review_by"]


def test_durable_goods_carry_the_burden_of_proof_for_six_months() -> None:
    phone = (item(category="electronics"),)

    assert "CN.CPL23.burden" in ask(order(days=100, items=phone), claim(Reason.QUALITY_DEFECT)).rule_ids
    assert "CN.CPL23.burden" not in ask(order(days=200, items=phone), claim(Reason.QUALITY_DEFECT)).rule_ids
    assert "CN.CPL23.burden" not in ask(order(days=100), claim(Reason.QUALITY_DEFECT)).rule_ids


def test_missing_parts_may_be_sent_again() -> None:
    decision = ask(order(days=2), claim(Reason.MISSING_PARTS))

    assert [option.resolution.value for option in decision.options] == [
        "return_and_refund",
        "exchange",
        "reship",
        "repair",
    ]


def test_the_buyers_wish_comes_first_if_it_is_open_and_changes_nothing_if_not() -> None:
    exchange = ask(order(days=2), claim(Reason.QUALITY_DEFECT, wish=Resolution.EXCHANGE))
    cash = ask(order(days=2), claim(Reason.QUALITY_DEFECT, wish=Resolution.REFUND_ONLY))

    assert [o.resolution.value for o in exchange.options] == ["exchange", "return_and_refund", "repair"]
    assert [o.resolution.value for o in cash.options] == ["return_and_refund", "exchange", "repair"]


def test_a_price_reduction_is_agreed_with_a_person_and_replaces_no_return() -> None:
    decision = ask(order(days=2), claim(Reason.QUALITY_DEFECT, wish=Resolution.PARTIAL_REFUND))

    assert (decision.verdict, decision.rule_ids[0]) == (Verdict.HUMAN, "CN.CC582")
    assert [(o.resolution.value, o.total) for o in decision.options[:2]] == [
        ("partial_refund", 0),
        ("return_and_refund", 10900),
    ]


@pytest.mark.parametrize("days", [9, 400])
def test_a_late_defect_in_taiwan_goes_to_a_person_with_a_citation(days: int) -> None:
    decision = ask(order("tw", days=days), claim(Reason.QUALITY_DEFECT))

    assert (decision.verdict, decision.rule_ids[0]) == (Verdict.HUMAN, "TW.19.1.defect")


@pytest.mark.parametrize(
    ("reason", "days", "verdict", "rule"),
    [
        (Reason.NO_LONGER_WANTED, 30, Verdict.ALLOW, "SHOP.returns30"),
        (Reason.NO_LONGER_WANTED, 31, Verdict.DENY, "SHOP.returns30"),
        (Reason.QUALITY_DEFECT, 30, Verdict.ALLOW, "SHOP.defects30"),
        (Reason.QUALITY_DEFECT, 31, Verdict.HUMAN, "SHOP.defects30"),
    ],
)
def test_us_orders_have_the_shops_thirty_days(reason: Reason, days: int, verdict: Verdict, rule: str) -> None:
    decision = ask(order("us", days=days), claim(reason, intact=True))

    assert (decision.verdict, decision.rule_ids[0]) == (verdict, rule)


def test_hong_kong_has_promises_only_and_after_them_a_person() -> None:
    assert ask(order("hk", days=7), claim(intact=True)).rule_ids == ("SHOP.returns7",)
    later = ask(order("hk", days=8), claim(intact=True))
    assert (later.verdict, later.rule_ids) == (Verdict.HUMAN, ())


@pytest.mark.parametrize("market", ["eu", "uk"])
def test_an_unverified_exclusion_asks_a_person_and_never_refuses(market: str) -> None:
    decision = ask(order(market, days=2, items=flagged(GoodsFlag.CUSTOM_MADE)), claim(intact=True))

    assert decision.verdict is Verdict.HUMAN
    assert decision.trace[0].verified is False
    assert decision.trace[0].effect == "human"


# --- nothing left, nothing paid ------------------------------------------------------------------------


@pytest.mark.parametrize("reason", [Reason.NO_LONGER_WANTED, Reason.QUALITY_DEFECT, Reason.SIZE_MISMATCH])
def test_an_order_refunded_in_full_has_nothing_left(reason: Reason) -> None:
    decision = ask(order(days=2, refunded_total=10900), claim(reason))

    assert (decision.verdict, decision.rule_ids[0]) == (Verdict.DENY, "SHOP.refunded")
    assert decision.trace[0].fact == "refunded 10900 of 10900"


def test_safety_is_heard_even_when_everything_was_refunded() -> None:
    assert ask(order(days=2, refunded_total=10900), claim(Reason.EXPIRED_OR_UNSAFE)).verdict is Verdict.HUMAN


def test_an_unpaid_order_has_nothing_to_refund() -> None:
    decision = ask(order(shipped=False, status=OrderStatus.UNPAID, paid_at=None), claim())

    assert (decision.verdict, decision.rule_ids[0]) == (Verdict.DENY, "SHOP.unpaid")


@pytest.mark.parametrize("status", [OrderStatus.CANCELLED, OrderStatus.REFUNDED])
def test_an_order_that_is_marked_closed_but_not_paid_back_is_checked_by_a_person(status: OrderStatus) -> None:
    decision = ask(order(shipped=False, status=status), claim())

    assert (decision.verdict, decision.rule_ids[0]) == (Verdict.HUMAN, "SHOP.already_closed")
    assert not decision.automatic


def test_goods_the_buyer_has_and_the_record_does_not_are_no_cancellation() -> None:
    decision = ask(order(shipped=False), claim(received=True))

    assert (decision.verdict, decision.rule_ids[0]) == (Verdict.HUMAN, "SHOP.not_sent_but_there")


# --- settled by rule -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("market", "paid", "automatic"),
    [("cn", 20000, True), ("cn", 20001, False), ("tw", 99000, True), ("tw", 99001, False), ("us", 3000, True)],
)
def test_small_and_clear_is_up_to_the_shops_limit(market: str, paid: int, automatic: bool) -> None:
    decision = ask(order(market, days=2, items=(item(paid=paid),)), claim(intact=True))

    assert (decision.verdict, decision.automatic) == (Verdict.ALLOW, automatic)
    assert ("review_by" in kinds(decision.deadlines)) is not automatic
    assert ("send_back_by" in kinds(decision.deadlines)) is automatic


def test_pictures_and_unknown_states_are_looked_at_by_a_person() -> None:
    cheap = (item(paid=100),)
    photo = ask(order(days=2, items=cheap), claim(Reason.QUALITY_DEFECT, evidence=(EvidenceKind.PHOTO,)))
    unasked = ask(order(days=2, items=(item(paid=100, category="books"),)), claim())

    assert (photo.verdict, photo.automatic, photo.evidence[0].given) == (Verdict.ALLOW, False, True)
    assert (unasked.verdict, unasked.automatic) == (Verdict.ALLOW, False)


def test_missing_evidence_is_asked_for_and_refuses_nothing() -> None:
    decision = ask(order(days=2), claim(Reason.DAMAGED_IN_TRANSIT))

    assert decision.verdict is Verdict.ALLOW
    assert [(e.kind, e.required, e.given) for e in decision.evidence] == [(EvidenceKind.PHOTO, True, False)]


def test_after_an_earlier_refund_a_person_looks() -> None:
    decision = ask(order(days=2, refunded_total=1), claim(intact=True))

    assert (decision.verdict, decision.automatic) == (Verdict.ALLOW, False)
    assert decision.options[0].total == 9899


def test_a_market_in_which_a_person_confirms_every_payment_has_no_automatic_one() -> None:
    shop = PACKS.shop.model_copy(update={"require_human": (Market.CN,)})

    decision = ask(order(days=2), claim(intact=True), packs=PACKS.model_copy(update={"shop": shop}))

    assert (decision.verdict, decision.automatic) == (Verdict.ALLOW, False)


# --- bad input -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "items",
    [
        (ClaimItem(sku="NOPE"),),
        (ClaimItem(sku="TEE", quantity=2),),
        (ClaimItem(sku="TEE", taken_before=1),),
        (ClaimItem(sku="TEE"), ClaimItem(sku="TEE")),
    ],
    ids=["unknown", "too many", "taken before", "twice"],
)
def test_goods_the_order_does_not_have_are_refused(items: tuple[ClaimItem, ...]) -> None:
    with pytest.raises(BadInput):
        ask(order(days=2), Claim(reason=Reason.QUALITY_DEFECT, items=items))


def test_a_market_without_a_pack_is_a_policy_error() -> None:
    packs = Packs(packs={Market.CN: PACKS.for_market(Market.CN)}, shop=PACKS.shop)

    with pytest.raises(PolicyError, match="no rule pack for market tw"):
        ask(order("tw", days=2), claim(), packs=packs)


def test_a_rule_counts_from_the_day_it_is_in_force() -> None:
    before = order(days=3, placed_at=NOW.replace(year=2013))

    decision = ask(before, claim(intact=True))

    assert not any(rule.startswith("CN.") for rule in decision.rule_ids)
    assert decision.verdict is Verdict.HUMAN
