"""The stories beside this file: the policies take each step, and the pipeline understands each sentence."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
import yaml
from rasa.core import test as rasa_test
from rasa.core.agent import Agent, load_agent

HERE = Path(__file__).parent
FILES = sorted(HERE.glob("test_*.yml"))


@pytest.fixture(scope="module")
def agent(trained_model: Path) -> Agent:
    return asyncio.run(load_agent(model_path=str(trained_model)))


def _said() -> list[Any]:
    """Each sentence of a story with its intent; pressed buttons need no understanding."""
    lines = {}
    for path in FILES:
        for story in yaml.safe_load(path.read_text(encoding="utf-8"))["stories"]:
            for step in story["steps"]:
                if "user" in step and not step["user"].startswith("/"):
                    lines[step["user"].strip()] = step["intent"]
    return [pytest.param(text, intent, id=text) for text, intent in lines.items()]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
async def test_each_story_goes_as_it_is_told(agent: Agent, path: Path, tmp_path: Path) -> None:
    report = await rasa_test.test(
        str(path), agent, out_directory=str(tmp_path), fail_on_prediction_errors=False, disable_plotting=True
    )

    failed = tmp_path / "failed_test_stories.yml"
    assert report["report"]["conversation_accuracy"]["accuracy"] == 1.0, failed.read_text(encoding="utf-8")


@pytest.mark.parametrize(("text", "intent"), _said())
async def test_each_sentence_is_understood(agent: Agent, text: str, intent: str) -> None:
    parsed = await agent.parse_message(text)

    assert parsed["intent"]["name"] == intent
