from pathlib import Path

import pytest

from bot.errors import SetupError
from bot.nlu import encoder_files
from bot.nlu.training import find_model, model_fingerprint, train


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project as small as Rasa takes it, with our own tokenizer and intent head."""
    root = tmp_path / "project"
    for folder in ("data/nlu", "data/rules", "bot/nlu"):
        (root / folder).mkdir(parents=True)
    (root / "config.yml").write_text(
        "recipe: default.v1\nlanguage: zh\nassistant_id: test\n"
        "pipeline:\n- name: bot.nlu.tokens.RefundTokens\n- name: bot.nlu.heads.IntentHead\n  min_count: 1\n"
        "policies:\n- name: RulePolicy\n"
    )
    (root / "domain.yml").write_text(
        'version: "3.1"\nintents: [greet, thank]\nresponses:\n  utter_hi:\n  - text: 您好\n', encoding="utf-8"
    )
    (root / "data/nlu/all.yml").write_text(
        'version: "3.1"\nnlu:\n- intent: greet\n  examples: |\n    - 你好\n    - hello\n'
        "- intent: thank\n  examples: |\n    - 谢谢\n    - thanks\n",
        encoding="utf-8",
    )
    (root / "data/rules/all.yml").write_text(
        'version: "3.1"\nrules:\n- rule: greet back\n  steps:\n  - intent: greet\n  - action: utter_hi\n'
    )
    return root


def test_the_fingerprint_follows_what_a_model_is_made_from(project: Path) -> None:
    before = model_fingerprint(project)
    assert len(before) == 12
    assert model_fingerprint(project) == before
    (project / "README.md").write_text("not part of a model")
    (project / "bot/nlu/__pycache__").mkdir()
    (project / "bot/nlu/__pycache__/x.pyc").write_bytes(b"1")
    assert model_fingerprint(project) == before
    (project / "bot/nlu/words.txt").write_text("退款")
    assert model_fingerprint(project) != before


def test_the_fingerprint_follows_the_presence_of_the_encoders(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = model_fingerprint(project)
    monkeypatch.setattr(encoder_files, "installed", lambda: False)
    assert model_fingerprint(project) != before


def test_training_reports_its_stages_and_leaves_one_model(project: Path, tmp_path: Path) -> None:
    models = tmp_path / "models"
    told: list[tuple[str, float]] = []
    assert find_model(models, project) is None
    made = train(lambda stage, done: told.append((stage, done)), models_dir=models, root=project)
    assert made == find_model(models, project) == models / f"refunddesk-{model_fingerprint(project)}.tar.gz"
    assert [path.name for path in models.iterdir()] == [made.name]
    assert told[0] == ("starting Rasa", 0.0)
    assert told[-1] == ("done", 1.0)
    assert ("learning intents", 0.4) in told
    assert [done for _, done in told] == sorted(done for _, done in told)


def test_a_failed_training_says_why_and_leaves_nothing(project: Path, tmp_path: Path) -> None:
    (project / "config.yml").write_text("recipe: default.v1\nlanguage: zh\npipeline:\n- name: no.such.Component\n")
    with pytest.raises(SetupError, match="training failed"):
        train(lambda stage, done: None, models_dir=tmp_path / "models", root=project)
    assert list((tmp_path / "models").iterdir()) == []
