"""A trained model as a function: text in, what was understood out."""

import tempfile
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field
from rasa.core.channels.channel import UserMessage
from rasa.engine.graph import ExecutionContext
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME

from bot.errors import SetupError
from bot.words import Language

_MESSAGE = "__message__"


class Scored(BaseModel):
    """A label and how sure the model is of it, 0 to 1."""

    name: str
    confidence: float = Field(ge=0, le=1)


class Entity(BaseModel):
    """A part of the text that names something; `text[start:end]` is that part."""

    entity: str
    value: str
    start: int
    end: int


class Parsed(BaseModel):
    """What was understood; the shape of `refunddesk parse --json`."""

    language: Language
    intent: Scored
    reason: Scored | None
    entities: list[Entity]


class Parser:
    """Runs the understanding part of a model, without dialogue and without Rasa's handling of "/" payloads.

    What a buyer types is text, never a command, so "/affirm" is classified like any other line.
    """

    def __init__(self, runner: DaskGraphRunner, target: str) -> None:
        self._runner = runner
        self._target = target

    @classmethod
    def load(cls, model_path: Path) -> "Parser":
        """Load a model archive. Raises SetupError if there is none or it cannot be read."""
        if not model_path.is_file():
            raise SetupError(f"there is no model at {model_path}: run `refunddesk train`")
        with tempfile.TemporaryDirectory() as folder:
            try:
                storage, metadata = LocalModelStorage.from_model_archive(Path(folder), model_path)
            except Exception as error:
                raise SetupError(f"the model {model_path} cannot be read: {error}") from error
            schema = metadata.predict_schema
            # The last node before RegexMessageHandler.
            target = schema.nodes[metadata.nlu_target].needs["messages"]
            schema = schema.minimal_graph_schema([target])
            runner = DaskGraphRunner.create(schema, storage, ExecutionContext(schema, metadata.model_id))
        return cls(runner, target)

    def parse(self, text: str, hint: Language | None = None) -> Parsed:
        """Understand one message; `hint` is the language of the page, for text that has none."""
        return understood(self.parse_raw(text, hint))

    def parse_raw(self, text: str, hint: Language | None = None) -> dict[str, Any]:
        """Rasa's own parse result, with `intent_ranking` and `nlu_fallback`."""
        metadata = {"language": hint.value} if hint else {}
        message = UserMessage(text, metadata=metadata)
        result: dict[str, Any] = self._runner.run(inputs={_MESSAGE: [message]}, targets=[self._target])[self._target][
            0
        ].as_dict(only_output_properties=True)
        return result


def understood(raw: dict[str, Any]) -> Parsed:
    """The public shape of a parse result of Rasa."""
    # A fallback is a decision of the dialogue, not something a buyer wants: report the best guess behind it.
    intent = next(entry for entry in raw["intent_ranking"] if entry["name"] != DEFAULT_NLU_FALLBACK_INTENT_NAME)
    return Parsed(
        language=raw["language"],
        intent=Scored(**intent),
        reason=Scored(**raw["reason"]) if raw.get("reason") else None,
        entities=[
            Entity(**{key: entity[key] for key in Entity.model_fields})
            for entity in sorted(raw["entities"], key=lambda entity: entity["start"])
            if entity["entity"] != "language"
        ],
    )


def latest_model(models_dir: Path) -> Path:
    """The newest model in a folder. Raises SetupError if there is none."""
    models = sorted(models_dir.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    if not models:
        raise SetupError(f"there is no model in {models_dir}: run `refunddesk train`")
    return models[-1]
