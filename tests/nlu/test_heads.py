from pathlib import Path

import numpy as np
import pytest
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.features import Featuriser, concepts, features
from bot.nlu.heads import IntentHead, bare_intent
from bot.nlu.linear import LinearModel

CONFIG = {**IntentHead.get_default_config(), "min_count": 1}
LINES = [("我要退款", "a"), ("給我退款", "a"), ("refund me", "a"), ("你好", "b"), ("您好啊", "b"), ("hello there", "b")]


def fitted() -> LinearModel:
    return LinearModel.fit([text for text, _ in LINES], [label for _, label in LINES], CONFIG)


def test_two_labels_are_told_apart_and_chances_sum_to_one() -> None:
    model = fitted()
    for text, label in LINES:
        chances = model.probabilities(text)
        assert chances.sum() == pytest.approx(1, abs=1e-6)
        assert model.labels[int(chances.argmax())] == label


def test_one_label_is_always_that_one() -> None:
    model = LinearModel.fit(["我要退款", "退钱"], ["a", "a"], CONFIG)
    assert model.labels == ["a"]
    assert model.probabilities("whatever").tolist() == [1.0]


def test_a_model_kept_and_read_gives_the_same_numbers(tmp_path: Path) -> None:
    model = fitted()
    model.save(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model.json", "model.npz"]
    read = LinearModel.read(tmp_path)
    for text in ["退款", "hello", "", "無關"]:
        np.testing.assert_array_equal(read.probabilities(text), model.probabilities(text))


def test_enough_lines_give_a_temperature() -> None:
    rng = np.random.default_rng(1)
    words = {"a": ["退款", "退钱", "refund"], "b": ["你好", "hello", "在吗"]}
    texts, labels = [], []
    for number in range(60):
        label = "ab"[number % 2]
        other = "ab"[(number + rng.integers(0, 2)) % 2]  # half of the lines also hold a word of the other label
        texts.append(f"{words[label][number % 3]} {words[other][number % 3]}")
        labels.append(label)
    assert 0.3 <= LinearModel.fit(texts, labels, CONFIG).temperature <= 3.0


def test_both_scripts_and_wordings_give_the_same_features() -> None:
    assert features("我要退貨") == features("我要退货")
    assert features("品質不好") == features("质量不好")


def test_words_of_both_languages_share_concepts() -> None:
    assert "refund" in concepts("我要退款")
    assert "refund" in concepts("i want my money back")
    assert concepts("unrefundables") == []


@pytest.mark.parametrize(
    ("text", "entity", "start", "end", "intent"),
    [
        ("RD20260001", "order_number", 0, 10, "inform"),
        (" SF1234567890123。", "tracking_number", 1, 16, "provide_return_tracking"),
        ("我的RD20260001", "order_number", 2, 12, None),
        ("换货", "resolution", 0, 2, None),
        ("😡", "language", 0, 0, None),
    ],
)
def test_only_bare_numbers_decide_an_intent(text: str, entity: str, start: int, end: int, intent: str | None) -> None:
    message = Message({"text": text, "entities": [{"entity": entity, "value": "x", "start": start, "end": end}]})
    assert bare_intent(message) == intent


def test_unknown_text_has_an_empty_vector() -> None:
    featuriser = Featuriser.fit(["我要退款"], min_count=1, weights={"chars": 1.0, "words": 1.0, "concepts": 0.0})
    indices, values = featuriser.vector("xyz")
    assert indices.size == values.size == 0
    assert featuriser.matrix(["xyz", "我要退款"]).shape == (2, featuriser.size)


def test_each_kind_of_feature_has_its_weight_as_length() -> None:
    featuriser = Featuriser.fit(["我要退款"], min_count=1, weights={"chars": 1.0, "words": 0.5, "concepts": 0.25})
    _, values = featuriser.vector("我要退款")
    assert np.linalg.norm(values) == pytest.approx(np.sqrt(1 + 0.25 + 0.0625), abs=1e-5)


def test_what_is_unknown_makes_what_is_known_weigh_less() -> None:
    featuriser = Featuriser.fit(["退款"], min_count=1, weights={"chars": 1.0, "words": 0.0, "concepts": 0.0})
    _, alone = featuriser.vector("退款")
    _, beside = featuriser.vector("退款 zxqj")
    assert np.linalg.norm(beside) < np.linalg.norm(alone) == pytest.approx(1, abs=1e-5)
