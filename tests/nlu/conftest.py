"""One small model for all tests of this folder, trained once by Rasa itself."""

from pathlib import Path

import pytest
import yaml

from bot.nlu.parser import Parser
from bot.nlu.training import find_model, train
from bot.settings import ROOT, get_settings

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def small_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of the project's own pipeline, fitted on the few lines of small_training.yml."""
    from rasa.model_training import train_nlu

    folder = tmp_path_factory.mktemp("model")
    config = yaml.safe_load((ROOT / "config.yml").read_text(encoding="utf-8"))
    for part in config["pipeline"]:
        if part["name"].startswith("bot.nlu.heads."):
            part["min_count"] = 1  # sixty lines hardly share an n-gram
    path = folder / "config.yml"
    path.write_text(yaml.safe_dump(config, allow_unicode=True), encoding="utf-8")
    made = train_nlu(str(path), str(HERE / "small_training.yml"), str(folder), fixed_model_name="small")
    assert made is not None
    return Path(made)


@pytest.fixture(scope="session")
def parser(small_model: Path) -> Parser:
    return Parser.load(small_model)


@pytest.fixture(scope="session")
def whole_parser() -> Parser:
    """The model of the project's own files; trained here if it was not yet."""
    folder = get_settings().models_dir
    return Parser.load(find_model(folder) or train(lambda stage, done: None, models_dir=folder))
