import importlib.util
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from bot.nlu import encoders
from bot.nlu.cascade import Cascade, EncodedModel
from bot.nlu.heads import IntentHead
from bot.nlu.parser import Parser

CONFIG = {**IntentHead.get_default_config(), "min_count": 1}
LINES = [
    *(
        (f"{a}{b}", "refund")
        for a, b in product(["我要", "请", "麻烦", "能不能", "快点"], ["退款", "退钱", "把钱退我"])
    ),
    *((f"{a} {b}", "refund") for a, b in product(["please", "i want", "now"], ["a refund", "my money back", "refund"])),
    *(
        (f"{a}{b}", "where")
        for a, b in product(["我的", "请问", "麻烦查下", "看看", "帮看"], ["快递", "包裹", "订单到哪"])
    ),
    *(
        (f"{a} {b}", "where")
        for a, b in product(["where is", "track", "find"], ["my parcel", "my order", "the package"])
    ),
]
UNSURE = ["钱还给我", "give me back what i paid", "东西走到什么地方了", "has it shipped"]


def fitted(**changed: float) -> Cascade:
    return Cascade.fit([text for text, _ in LINES], [label for _, label in LINES], {**CONFIG, **changed})


@pytest.fixture(scope="module")
def cascade() -> Cascade:
    return fitted(encoder_threshold=1.1)


def test_a_sure_linear_model_answers_alone(cascade: Cascade) -> None:
    for threshold in (0.0, 0.5):  # two labels: one of them has half of the chances
        eager = Cascade(cascade.linear, cascade.encoded, threshold)
        for text in UNSURE:
            np.testing.assert_array_equal(eager.probabilities(text), cascade.linear.probabilities(text))


def test_under_the_threshold_the_vector_has_a_say(cascade: Cascade) -> None:
    for text in UNSURE:
        chances = cascade.probabilities(text)
        assert chances.sum() == pytest.approx(1, abs=1e-5)
        assert not np.array_equal(chances, cascade.linear.probabilities(text))


@pytest.mark.parametrize(
    ("text", "is_mixed"),
    [
        ("这个 color 不对 want refund", True),
        ("please 帮我 cancel refund", True),
        ("订单 RD20260001 退钱", False),
        ("耳机 ok 退款", False),
        ("give me back what i paid", False),
    ],
)
def test_a_message_in_two_scripts_is_left_to_the_linear_model(cascade: Cascade, text: str, is_mixed: bool) -> None:
    assert encoders.is_mixed(text) == is_mixed
    alone = np.array_equal(cascade.probabilities(text), cascade.linear.probabilities(text))
    assert alone == is_mixed


def test_the_encoder_knows_words_that_were_never_learned(cascade: Cascade) -> None:
    wanted = ["refund", "refund", "where", "where"]
    assert [cascade.labels[int(cascade.probabilities(text).argmax())] for text in UNSURE] == wanted


def test_the_blend_is_the_part_it_says() -> None:
    weights, bias = np.zeros((2, 3, 2)), np.log(np.array([[0.9, 0.1], [0.2, 0.8]]))
    model = EncodedModel(weights, bias, blend=0.25, temperature=1.0)
    linear = np.array([0.5, 0.5])
    np.testing.assert_allclose(model.blended(linear, 0, np.zeros(3)), [0.6, 0.4], atol=1e-6)
    np.testing.assert_allclose(model.blended(linear, 1, np.zeros(3)), [0.425, 0.575], atol=1e-6)


def test_a_cascade_kept_and_read_gives_the_same_numbers(cascade: Cascade, tmp_path: Path) -> None:
    cascade.save(tmp_path)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["encoded.json", "encoded.npz", "model.json", "model.npz"]
    read = Cascade.read(tmp_path, cascade.threshold)
    for text in [*UNSURE, "", "RD20260001"]:
        np.testing.assert_array_equal(read.probabilities(text), cascade.probabilities(text))


def test_fitted_twice_it_gives_the_same_numbers(cascade: Cascade) -> None:
    again = fitted(encoder_threshold=1.1)
    for text in UNSURE:
        np.testing.assert_allclose(again.probabilities(text), cascade.probabilities(text), atol=1e-4)


def test_fewer_lines_may_be_encoded() -> None:
    assert fitted(encoder_lines=40).encoded is not None


def test_too_few_lines_or_a_threshold_of_nothing_leave_the_linear_model_alone() -> None:
    assert fitted(encoder_threshold=0.0).encoded is None
    assert Cascade.fit(["退款", "你好"], ["a", "b"], CONFIG).encoded is None


def test_lines_of_one_label_in_a_script_teach_nothing() -> None:
    one = np.zeros(4, dtype=np.int64)
    assert EncodedModel.fit(one, np.eye(4), np.array([0, 1, 0, 1]), 2, CONFIG) is None  # no line in Latin letters


def test_without_encoders_a_model_is_fitted_and_read_in_the_same_shape(
    cascade: Cascade, small_model: Path, parser: Parser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cascade.save(tmp_path)
    whole = parser.parse_raw("东西走到什么地方了")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(encoders.log, "warning", lambda event, detail: None)
    encoders._say.cache_clear()
    assert fitted().encoded is None
    read = Cascade.read(tmp_path, 1.1)
    for text in UNSURE:
        np.testing.assert_array_equal(read.probabilities(text), cascade.linear.probabilities(text))
    alone = Parser.load(small_model).parse_raw("东西走到什么地方了")
    assert alone.keys() == whole.keys()
    assert alone["intent"].keys() == whole["intent"].keys()
