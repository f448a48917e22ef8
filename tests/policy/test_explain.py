"""What the buyer hears: exactly what was decided, in three languages of one shape."""

import re
from datetime import UTC, datetime
from itertools import product

import pytest

from bot.orders import GoodsFlag, Order
from bot.policy.explain import explain, money_text, time_text
from bot.policy.model import Claim, Decision
from bot.reason_words import REASON_WORDS
from bot.words import Language, Market, Path, Reason, Verdict
from tests.policy.build import ask, claim, flagged, item, order

HANS, HANT, EN = Language.ZH_HANS, Language.ZH_HANT, Language.EN


def grid() -> list[tuple[Order, Claim, Decision]]:
    """Every reason in every market at every stage, with plain and with excluded goods."""
    decided = []
    goods = {
        "clothes": (item(),),
        "food": (item("RICE", category="food", paid=1280),),
        "custom": flagged(GoodsFlag.CUSTOM_MADE, confirmed=True),
        "two": (item("TEE", paid=10000, quantity=3), item("CAP", paid=5000)),
    }
    for market, items, days, reason in product(Market, goods.values(), (0, 7, 8, 20, 400, None), Reason):
        for facts in ({}, {"intact": True, "received": True}, {"intact": False}):
            facts = facts | ({"differs_from_chart": True, "differs_from_description": False} if facts else {})
            the_order, the_claim = order(market, days=days, items=items), claim(reason, **facts)
            decided.append((the_order, the_claim, ask(the_order, the_claim)))
    return decided


GRID = grid()
TEXTS = [{language: explain(decision, the_order, language) for language in Language} for the_order, _, decision in GRID]


def test_allow_says_rule_amount_freight_dates_and_what_is_wanted() -> None:
    shirt = order(days=3)
    decision = ask(shirt, claim(Reason.QUALITY_DEFECT))

    assert explain(decision, shirt, HANS).splitlines() == [
        "可以办理退货退款。依据：《消费者权益保护法》第二十四条。",
        "退款金额：Tee ¥99.00、原订单运费 ¥10.00，合计 ¥109.00。寄回的运费由卖家承担。",
        "也可以选择：换货、维修。",
        "还需要您提供：能看清问题部位的照片。",
        "申请截止：2026年9月16日 24:00（北京时间）。在此之前提出即可；卖家收到退回的商品后 7 天内退款。",
        "处理时间：2026年9月14日 12:00（北京时间）。最晚在此之前，人工客服会处理并答复您。",
    ]
    assert explain(decision, shirt, HANT).splitlines() == [
        "可以辦理退貨退款。依據：《消費者權益保護法》第二十四條。",
        "退款金額：Tee ¥99.00、原訂單運費 ¥10.00，合計 ¥109.00。寄回的運費由賣家負擔。",
        "也可以選擇：換貨、維修。",
        "還需要您提供：能看清楚瑕疵處的照片。",
        "申請期限：2026年9月16日 24:00（北京時間）。在此之前提出即可；賣家收到退回的商品後 7 天內退款。",
        "處理時間：2026年9月14日 12:00（北京時間）。最晚在此之前，真人客服會處理並回覆您。",
    ]
    assert explain(decision, shirt, EN).splitlines() == [
        "You can have a return for a refund. Basis: PRC Consumer Protection Law, art. 24.",
        "Refund: Tee ¥99.00; delivery charge ¥10.00; in total ¥109.00. The seller pays for sending the goods back.",
        "You may choose instead: an exchange, a repair.",
        "We still need: a photo that shows the defect.",
        "Ask by 16 September 2026, 24:00 (Beijing time). It is enough to ask before then; "
        "the refund follows within 7 days of your goods reaching us.",
        "Review by 14 September 2026, 12:00 (Beijing time). "
        "A person looks at it and answers you by then at the latest.",
    ]


def test_what_would_be_filed_is_read_back_first() -> None:
    two = order(days=3, items=(item("TEE", paid=10000, quantity=3), item("CAP", paid=5000)))
    part = claim(Reason.SIZE_MISMATCH, items={"TEE": 2}, differs_from_chart=True)

    first = [explain(ask(two, part), two, language, part).splitlines()[0] for language in Language]

    assert first == [
        "订单 RD20260001：Tee ×2。原因：尺码不合适。处理方式：退货退款。",
        "訂單 RD20260001：Tee ×2。原因：尺寸不合。處理方式：退貨退款。",
        "Order RD20260001: Tee ×2. Reason: Size does not fit. Resolution: a return for a refund.",
    ]


def test_a_claim_on_the_whole_order_reads_back_every_title_and_counts_a_long_list() -> None:
    few = order(days=3, items=(item("TEE", paid=10000, quantity=3), item("CAP", paid=5000)))
    many = order(days=3, items=tuple(item(sku) for sku in ("A", "B", "C", "D")))
    fault = claim(Reason.QUALITY_DEFECT)

    said = [explain(ask(goods, fault), goods, EN, fault).splitlines()[0] for goods in (few, many)]

    assert said == [
        "Order RD20260001: Tee ×3, Cap. Reason: It is faulty. Resolution: a return for a refund.",
        "Order RD20260001: A, B, C and more (4 items). Reason: It is faulty. Resolution: a return for a refund.",
    ]
    assert explain(ask(many, fault), many, HANT, fault).startswith("訂單 RD20260001：A、B、C等 4 項。原因：商品瑕疵。")


@pytest.mark.parametrize("language", list(Language))
def test_only_what_may_become_a_case_is_read_back(language: Language) -> None:
    for (the_order, the_claim, decision), texts in zip(GRID, TEXTS, strict=True):
        said = explain(decision, the_order, language, the_claim)
        if decision.verdict in (Verdict.ALLOW, Verdict.HUMAN):
            first, _, rest = said.partition("\n")
            assert the_order.number in first
            assert REASON_WORDS[decision.reason][language] in first
            assert rest == texts[language]
        else:
            assert said == texts[language]


def test_where_only_a_person_can_say_no_settling_is_read_back_but_the_wish() -> None:
    shirt = order(days=3)
    plain, wished = claim(Reason.OTHER), claim(Reason.OTHER, wish="exchange")

    said = [explain(ask(shirt, asked), shirt, HANS, asked).splitlines()[0] for asked in (plain, wished)]

    assert ask(shirt, plain).verdict is Verdict.HUMAN
    assert said == [
        "订单 RD20260001：Tee。原因：其他原因。",
        "订单 RD20260001：Tee。原因：其他原因。处理方式：换货。",
    ]


def test_deny_names_the_rule_the_date_and_the_path_that_stays_open() -> None:
    shirt = order("tw", days=8)
    text = explain(ask(shirt, claim(intact=True)), shirt, HANT)

    assert text.splitlines() == [
        "您在2026年9月4日收到商品，7天的猶豫期已在2026年9月11日 24:00（台灣時間）結束，所以不能再以無理由退貨處理。"
        "如果商品有瑕疵、破損、寄錯或與說明不符，請告訴我，那是另一種處理方式。",
        "依據：《消費者保護法》第19條。",
    ]


def test_need_info_is_the_question_and_nothing_else() -> None:
    shirt = order(days=2)

    assert explain(ask(shirt, claim(Reason.SIZE_MISMATCH)), shirt, EN) == (
        "Do its measurements differ from the size chart on the page?"
    )


def test_evidence_that_was_given_is_not_asked_for_again() -> None:
    shirt = order(days=2)
    given = ask(shirt, claim(Reason.QUALITY_DEFECT, evidence=("photo",)))

    assert "照片" not in explain(given, shirt, HANS)


@pytest.mark.parametrize("language", list(Language))
def test_every_amount_and_every_date_is_said_exactly_as_decided(language: Language) -> None:
    for (_, _, decision), texts in zip(GRID, TEXTS, strict=True):
        text = texts[language]
        for deadline in decision.deadlines:
            assert time_text(deadline.at, deadline.zone, language) in text
            assert deadline.consequence[language] in text
        if decision.verdict is Verdict.ALLOW and decision.best and decision.best.lines:
            for amount in (*(line.amount for line in decision.best.lines), decision.best.total):
                assert money_text(amount, decision.currency, language) in text


@pytest.mark.parametrize("language", list(Language))
def test_no_amount_is_said_that_was_not_decided(language: Language) -> None:
    money = re.compile(r"(?:¥|NT\$|HK\$|US\$|€|£)\d[\d,]*(?<!,)(?:\.\d\d)?")
    for (_, _, decision), texts in zip(GRID, TEXTS, strict=True):
        best = decision.best
        decided = {money_text(line.amount, decision.currency, language) for line in best.lines} if best else set()
        decided |= {money_text(best.total, decision.currency, language)} if best else set()
        said = set(money.findall(texts[language]))
        assert said <= {amount.lstrip("-") for amount in decided}
        if decision.verdict is not Verdict.ALLOW:
            assert said == set()


def test_the_three_languages_have_the_same_lines_and_the_same_figures() -> None:
    for by_language in TEXTS:
        texts = list(by_language.values())
        assert len({len(text.splitlines()) for text in texts}) == 1
        assert len({tuple(sorted(re.findall(r"\d+\.\d\d|\d\d:\d\d", text))) for text in texts}) == 1
        assert all(text.strip() for text in texts)
        assert max(len(text.splitlines()) for text in texts) <= 7


def test_the_scripts_are_kept_apart() -> None:
    only_hans = set("货订单运费卖负载诉请问质检约单")
    only_hant = set("貨訂單運費賣負載訴請問質檢約")
    shared = only_hans & only_hant
    for texts in TEXTS:
        assert not (set(texts[HANT]) & (only_hans - shared))
        assert not (set(texts[HANS]) & (only_hant - shared))
        assert not re.search(r"[一-鿿]", texts[EN])


WRONG_BELIEFS = [
    ("a full right is not cut to a part", r"只能(?:部分)?退(?:一)?部分|只可部分|only a partial"),
    ("food as such can go back", r"食品.{0,8}(?:不能|不可|不支持|不予)退|food .{0,20}cannot be returned"),
    ("opening a parcel loses nothing", r"(?:拆开|打开|拆開|打開).{0,6}(?:不能|不可|不予|概不)退|once opened"),
    ("the shop has no last word", r"最终解释权|最終解釋權|final interpretation"),
    ("nothing is excluded wholesale", r"概不退换|概不退換|no refunds"),
    ("a window that has not begun has no days left", r"剩余?\s*0\s*天|剩餘?\s*0\s*天|还有\s*0\s*天|0 days left"),
    ("no date without a source", r"\d+\s*(?:-|~|至|到)\s*\d+\s*个?個?工作(?:日|天)|\d+-\d+ (?:business|working) days"),
    ("no made-up success figures", r"\d+\s*%"),
    ("no vouchers for money that is owed", r"优惠券|優惠券|购物金|購物金|代金券|voucher|store credit"),
    ("no exclamation marks", r"[!！]"),
]


@pytest.mark.parametrize(("belief", "pattern"), WRONG_BELIEFS, ids=[belief for belief, _ in WRONG_BELIEFS])
def test_it_never_says_this(belief: str, pattern: str) -> None:
    said = re.compile(pattern, re.IGNORECASE)
    for texts in TEXTS:
        assert not any(said.search(text) for text in texts.values()), belief


def test_a_quality_problem_is_never_refused_and_never_moved_to_the_buyers_cost() -> None:
    sure = {
        Reason.QUALITY_DEFECT,
        Reason.DAMAGED_IN_TRANSIT,
        Reason.WRONG_ITEM,
        Reason.MISSING_PARTS,
        Reason.COUNTERFEIT,
        Reason.EXPIRED_OR_UNSAFE,
    }
    for _, the_claim, decision in GRID:
        if the_claim.reason in sure:
            assert decision.verdict is not Verdict.DENY
            assert decision.path in (Path.NON_CONFORMITY, Path.SAFETY)
            assert all(option.freight_payer != "buyer" for option in decision.options)


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (29900, "CNY", "¥299.00"),
        (128000, "TWD", "NT$1,280"),
        (128050, "TWD", "NT$1,280.50"),
        (4500, "USD", "US$45.00"),
        (-500, "EUR", "-€5.00"),
        (0, "GBP", "£0.00"),
        (1280, "JPY", "JP¥1,280"),
        (123456789, "KRW", "₩123,456,789"),
        (7, "CHF", "CHF 0.07"),
    ],
)
@pytest.mark.parametrize("language", list(Language))
def test_money_is_written_as_the_currency_is(minor: int, currency: str, text: str, language: Language) -> None:
    assert money_text(minor, currency, language) == text


def test_moments_are_written_with_the_zones_name_and_the_end_of_a_day_as_24_00() -> None:
    end = datetime(2026, 9, 11, 15, 59, 59, 999999, tzinfo=UTC)

    assert time_text(end, "Asia/Shanghai", HANS) == "2026年9月11日 24:00（北京时间）"
    assert time_text(end, "Asia/Taipei", HANT) == "2026年9月11日 24:00（台灣時間）"
    assert time_text(end, "Asia/Shanghai", EN) == "11 September 2026, 24:00 (Beijing time)"
    assert time_text(end, "America/New_York", EN) == "11 September 2026, 11:59 (US Eastern time)"
    assert time_text(end, "Pacific/Auckland", EN) == "12 September 2026, 03:59 (Pacific/Auckland)"
