"""What holds for every claim whatsoever."""

from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.orders import GoodsFlag, Order
from bot.policy.model import Claim, Decision
from bot.policy.packs import Packs
from bot.policy.rules import RulePack
from bot.words import EvidenceKind, Market, Reason, Resolution, Verdict
from tests.policy.build import NOW, PACKS, ask, claim, item, order

FACT = st.sampled_from([None, True, False])
CATEGORIES = ["clothes", "food", "electronics", "books", "other"]


@st.composite
def orders(draw: st.DrawFn) -> Order:
    items = tuple(
        item(
            f"S{i}",
            paid=draw(st.integers(0, 10**6)),
            quantity=draw(st.integers(1, 4)),
            category=draw(st.sampled_from(CATEGORIES)),
            flags=tuple(draw(st.sets(st.sampled_from(GoodsFlag), max_size=2))),
            no_return_confirmed=draw(FACT),
        )
        for i in range(draw(st.integers(1, 3)))
    )
    shipping = draw(st.integers(0, 3000))
    paid = sum(one.paid for one in items) + shipping
    return order(
        draw(st.sampled_from(Market)),
        received=draw(st.none() | st.timedeltas(timedelta(0), timedelta(days=800)).map(lambda ago: NOW - ago)),
        shipped=draw(st.booleans()),
        items=items,
        shipping_fee=shipping,
        refunded_total=draw(st.integers(0, paid)),
    )


CLAIMS = st.builds(
    claim,
    st.sampled_from(Reason),
    evidence=st.sets(st.sampled_from(EvidenceKind)).map(tuple),
    wish=st.none() | st.sampled_from(Resolution),
    received=FACT,
    differs_from_chart=FACT,
    differs_from_description=FACT,
    intact=FACT,
)


@settings(max_examples=120)
@given(the_order=orders(), the_claim=CLAIMS)
def test_a_refusal_always_names_a_verified_rule_that_was_met(the_order: Order, the_claim: Claim) -> None:
    decision = ask(the_order, the_claim)

    if decision.verdict is Verdict.DENY:
        first = decision.trace[0]
        assert first.met
        assert first.verified
        assert first.effect in ("deny", "exclude")
        assert decision.why
        assert decision.options == ()


@settings(max_examples=120)
@given(the_order=orders(), the_claim=CLAIMS)
def test_no_option_pays_more_than_is_left(the_order: Order, the_claim: Claim) -> None:
    for option in ask(the_order, the_claim).options:
        assert 0 <= option.total <= the_order.refundable
        assert option.total == sum(line.amount for line in option.lines)


@settings(max_examples=120)
@given(the_order=orders(), the_claim=CLAIMS)
def test_a_decision_is_complete(the_order: Order, the_claim: Claim) -> None:
    decision = ask(the_order, the_claim)

    assert (decision.verdict is Verdict.NEED_INFO) is bool(decision.needs)
    assert (decision.verdict is Verdict.ALLOW) <= bool(decision.options)
    assert decision.automatic <= (decision.verdict is Verdict.ALLOW)
    assert decision.automatic <= (not any(piece.required for piece in decision.evidence))
    if decision.verdict in (Verdict.DENY, Verdict.HUMAN):
        assert len(decision.why) == 3
    assert all(deadline.at >= decision.decided_at for deadline in decision.deadlines)
    assert Decision.model_validate_json(decision.model_dump_json()) == decision


def unverified(packs: Packs) -> Packs:
    def doubt(pack: RulePack) -> RulePack:
        rules: Any = tuple(rule.model_copy(update={"verified": False}) for rule in pack.rules)
        promises = tuple(rule.model_copy(update={"verified": False}) for rule in pack.promises)
        return pack.model_copy(update={"rules": rules, "promises": promises})

    return packs.model_copy(update={"packs": {market: doubt(pack) for market, pack in packs.packs.items()}})


UNVERIFIED = unverified(PACKS)


@settings(max_examples=120)
@given(the_order=orders(), the_claim=CLAIMS)
def test_what_is_not_verified_never_refuses_and_never_promises(the_order: Order, the_claim: Claim) -> None:
    decision = ask(the_order, the_claim, packs=UNVERIFIED)

    assert decision.verdict in (Verdict.HUMAN, Verdict.NEED_INFO)
    assert not decision.automatic


@settings(max_examples=80)
@given(the_order=orders(), the_claim=CLAIMS, fact=st.sampled_from(["intact", "differs_from_chart", "received"]))
def test_an_unanswered_question_never_refuses_what_an_answer_would_allow(
    the_order: Order, the_claim: Claim, fact: str
) -> None:
    unanswered = the_claim.model_copy(update={"facts": the_claim.facts.model_copy(update={fact: None})})
    answers = [
        the_claim.model_copy(update={"facts": the_claim.facts.model_copy(update={fact: said})})
        for said in (True, False)
    ]

    if ask(the_order, unanswered).verdict is Verdict.DENY:
        assert all(ask(the_order, answered).verdict in (Verdict.DENY, Verdict.HUMAN) for answered in answers)
