"""The yardstick: Rasa's own default pipeline on the same data, trained and served in the same run."""

import subprocess
import sys
from pathlib import Path

import yaml

from bot.commands.processes import Service
from bot.errors import SetupError
from bot.settings import ROOT, Settings


def stock_config(epochs: int) -> dict[str, object]:
    """What `rasa init` suggests, with Jieba for Chinese as Rasa's documentation does.

    The policies are ours in both: what is compared is understanding and the price of a turn.
    """
    ours: dict[str, object] = yaml.safe_load((ROOT / "config.yml").read_text(encoding="utf-8"))
    pipeline: list[dict[str, object]] = [
        {"name": "JiebaTokenizer"},
        {"name": "RegexFeaturizer"},
        {"name": "LexicalSyntacticFeaturizer"},
        {"name": "CountVectorsFeaturizer"},
        {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
        {"name": "DIETClassifier", "epochs": epochs, "constrain_similarities": True, "random_seed": 7},
        {"name": "EntitySynonymMapper"},
        {"name": "FallbackClassifier", "threshold": 0.3, "ambiguity_threshold": 0.1},
    ]
    return ours | {"assistant_id": "stock", "pipeline": pipeline}


def train_stock(folder: Path, *, epochs: int) -> Path:
    """Train the stock assistant on our data and domain; the model's path.

    Raises SetupError with the end of Rasa's output if training fails.
    """
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "config.yml"
    config.write_text(yaml.safe_dump(stock_config(epochs)), encoding="utf-8")
    command = [
        sys.executable, "-m", "rasa", "train", "--config", str(config), "--domain", str(ROOT / "domain.yml"),
        "--data", str(ROOT / "data" / "nlu"), str(ROOT / "data" / "rules"),
        "--out", str(folder), "--fixed-model-name", "stock",
    ]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    model = folder / "stock.tar.gz"
    if done.returncode or not model.exists():
        raise SetupError("the stock assistant could not be trained:\n" + done.stderr[-2000:])
    return model


def stock_service(settings: Settings, model: Path, port: int, endpoints: Path) -> Service:
    """`rasa run` of the stock model, with Rasa's own tracker store, on the same action server."""
    content = {"action_endpoint": {"url": f"{settings.actions_url}/webhook"}}
    endpoints.write_text(yaml.safe_dump(content), encoding="utf-8")
    command = (
        sys.executable, "-m", "rasa", "run", "--model", str(model), "--endpoints", str(endpoints),
        "--credentials", str(ROOT / "credentials.yml"), "--interface", "127.0.0.1", "--port", str(port),
        "--enable-api", "--auth-token", settings.rasa_token,
    )  # fmt: skip
    ready = f"http://127.0.0.1:{port}/status?token={settings.rasa_token}"
    return Service("stock rasa", command, port, "", ready)
