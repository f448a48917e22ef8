"""Which state may follow which, and who may do it: every pair, every actor."""

from itertools import product

import pytest

from bot.cases.machine import OVER, TRANSITIONS, ActorKind, check_transition, kind_of, next_states
from bot.errors import IllegalTransition
from bot.words import CaseState
from tests.cases.build import case_in
from tests.policy.build import NOW

TABLE = """
submitted          under_review       agent rule system
submitted          approved           agent rule
submitted          rejected           agent
submitted          withdrawn          agent bot buyer
under_review       approved           agent
under_review       counter_offered    agent
under_review       rejected           agent
under_review       withdrawn          agent bot buyer
counter_offered    approved           bot buyer
counter_offered    under_review       agent bot buyer
counter_offered    withdrawn          agent bot buyer
counter_offered    closed             system
approved           awaiting_return    agent rule system
approved           refunding          agent rule system
approved           replacement_sent   agent
approved           under_review       agent system
approved           withdrawn          agent bot buyer
awaiting_return    return_in_transit  agent bot buyer
awaiting_return    inspecting         agent system
awaiting_return    under_review       agent
awaiting_return    withdrawn          agent bot buyer
awaiting_return    closed             agent system
return_in_transit  inspecting         agent system
return_in_transit  under_review       agent
inspecting         refunding          agent
inspecting         replacement_sent   agent
inspecting         counter_offered    agent
inspecting         rejected           agent
refunding          refunded           system
refunding          refund_unknown     system
refunding          under_review       system
refund_unknown     refunded           agent system
refund_unknown     refunding          agent system
refund_unknown     under_review       agent system
refunded           appealed           bot buyer
refunded           closed             agent system
replacement_sent   appealed           bot buyer
replacement_sent   closed             agent system
rejected           appealed           bot buyer
rejected           closed             agent system
appealed           under_review       agent system
appealed           approved           agent
appealed           counter_offered    agent
appealed           rejected           agent
appealed           in_mediation       agent
appealed           withdrawn          agent bot buyer
in_mediation       approved           agent
in_mediation       counter_offered    agent
in_mediation       rejected           agent
in_mediation       withdrawn          agent bot buyer
in_mediation       closed             agent
withdrawn          closed             agent system
"""
LEGAL = {
    (CaseState(from_), CaseState(to)): {ActorKind(actor) for actor in actors}
    for from_, to, *actors in (line.split() for line in TABLE.strip().splitlines())
}


def test_the_table_is_complete() -> None:
    assert set(TRANSITIONS) == set(CaseState)
    assert {(from_, to) for from_, tos in TRANSITIONS.items() for to in tos} == set(LEGAL)


@pytest.mark.parametrize(("from_", "to"), list(product(CaseState, CaseState)), ids=lambda state: str(state))
def test_each_pair_is_open_to_exactly_those_it_names(from_: CaseState, to: CaseState) -> None:
    for actor in ActorKind:
        if actor in LEGAL.get((from_, to), set()):
            check_transition(from_, to, actor)
        else:
            with pytest.raises(IllegalTransition):
                check_transition(from_, to, actor)


def test_money_leaves_only_from_refunding() -> None:
    into_refunded = {from_ for from_, tos in TRANSITIONS.items() if CaseState.REFUNDED in tos}

    assert into_refunded == {CaseState.REFUNDING, CaseState.REFUND_UNKNOWN}
    assert TRANSITIONS[CaseState.REFUNDING][CaseState.REFUNDED] == {ActorKind.SYSTEM}


def test_neither_buyer_nor_bot_can_ever_start_a_payment_or_approve_a_claim() -> None:
    for from_, tos in TRANSITIONS.items():
        for to, actors in tos.items():
            if to is CaseState.REFUNDING:
                assert not actors & {ActorKind.BUYER, ActorKind.BOT}
            if to is CaseState.APPROVED and from_ is not CaseState.COUNTER_OFFERED:
                assert not actors & {ActorKind.BUYER, ActorKind.BOT}


def test_every_state_can_be_reached_and_every_case_can_end() -> None:
    def reach(start: CaseState) -> set[CaseState]:
        seen, queue = {start}, [start]
        for here in queue:
            queue += [to for to in TRANSITIONS[here] if to not in seen]
            seen |= set(TRANSITIONS[here])
        return seen

    assert reach(CaseState.SUBMITTED) == set(CaseState)
    assert all(CaseState.CLOSED in reach(state) for state in CaseState)


def test_a_refused_move_changes_nothing() -> None:
    case = case_in(CaseState.UNDER_REVIEW)

    with pytest.raises(IllegalTransition, match="buyer may not turn under_review into approved"):
        case.moved(CaseState.APPROVED, actor=ActorKind.BUYER, at=NOW)

    assert (case.state, case.version, len(case.events)) == (CaseState.UNDER_REVIEW, 2, 2)


@pytest.mark.parametrize(
    ("actor", "kind"),
    [("agent:7", ActorKind.AGENT), ("api", ActorKind.AGENT), ("bot", ActorKind.BOT), ("rule", ActorKind.RULE)],
)
def test_an_actor_of_the_log_has_a_kind(actor: str, kind: ActorKind) -> None:
    assert kind_of(actor) is kind


@pytest.mark.parametrize("actor", ["", "admin", "agents", ":agent"])
def test_an_unknown_actor_may_nothing(actor: str) -> None:
    with pytest.raises(IllegalTransition):
        check_transition(CaseState.SUBMITTED, CaseState.APPROVED, actor)


def test_next_states_are_what_an_actor_may_do() -> None:
    assert next_states(CaseState.SUBMITTED, "rule") == (CaseState.UNDER_REVIEW, CaseState.APPROVED)
    assert next_states(CaseState.CLOSED, "agent:1") == ()
    assert all(case_in(state).is_open is (state not in OVER) for state in CaseState)
