"""Train a model for the files that are here, once per change of them."""

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from bot.errors import SetupError
from bot.nlu import encoder_files
from bot.settings import ROOT, get_settings

Progress = Callable[[str, float], None]
"""Told the stage in words and the part that is done, 0 to 1."""

_SOURCES: Final = ("config.yml", "domain.yml", "domain", "data/nlu", "data/rules", "data/stories", "bot/nlu")
_SUFFIXES: Final = frozenset({".yml", ".yaml", ".py", ".txt"})

_STARTUP: Final = 0.35
"""Part of the time that goes by before the first component trains: mostly loading Rasa and TensorFlow."""

# What trains, in words, and its part of the time, from timed runs. Rasa picks the order.
_COMPONENTS: Final = {
    "IntentHead": ("learning intents", 0.30),
    "ReasonHead": ("learning reasons", 0.25),
    "RulePolicy": ("learning the rules of the dialogue", 0.05),
}
_LOGGED = re.compile(r"(Starting to train|Finished training) component '(\w+)'")


def model_fingerprint(root: Path = ROOT) -> str:
    """Twelve hex digits that change with any file that a model is made from, and with the encoders' presence."""
    digest = hashlib.sha256()
    # A model learns from vectors only where there are encoders.
    digest.update(b"encoders" if encoder_files.installed() else b"linear")
    for path in _files(root):
        digest.update(path.relative_to(root).as_posix().encode())
        digest.update(b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:12]


def _files(root: Path) -> Iterator[Path]:
    for source in _SOURCES:
        path = root / source
        if path.is_file():
            yield path
        elif path.is_dir():
            yield from sorted(p for p in path.rglob("*") if p.is_file() and p.suffix in _SUFFIXES)


def find_model(models_dir: Path, root: Path = ROOT) -> Path | None:
    """The model of exactly these files, None if it was not trained yet."""
    path = models_dir / f"refunddesk-{model_fingerprint(root)}.tar.gz"
    return path if path.is_file() else None


def train(progress: Progress, *, models_dir: Path | None = None, root: Path = ROOT) -> Path:
    """Train and keep a model; the file appears only when it is whole.

    Raises SetupError with the end of Rasa's own words if it fails.
    """
    folder = models_dir or get_settings().models_dir
    folder.mkdir(parents=True, exist_ok=True)
    name = f"refunddesk-{model_fingerprint(root)}"
    making = folder / f".{name}.{os.getpid()}"
    command = [sys.executable, "-m", "rasa", "train", "--config", "config.yml", "--domain", "domain.yml"]
    command += ["--data", "data/nlu", "data/rules", "--out", str(making.resolve()), "--fixed-model-name", name]
    progress("starting Rasa", 0.0)
    try:
        said = _run(command, root, progress)
        made = making / f"{name}.tar.gz"
        if not made.is_file():
            raise SetupError(f"training failed: {' / '.join(said[-5:])}")
        final = folder / made.name
        made.replace(final)
    finally:
        for left in making.glob("*"):
            left.unlink()
        if making.is_dir():
            making.rmdir()
    progress("done", 1.0)
    return final


def _run(command: list[str], root: Path, progress: Progress) -> list[str]:
    """Run Rasa, report its stages, give back what it said."""
    environment = {
        **os.environ,
        "RASA_TELEMETRY_ENABLED": "false",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "LOG_LEVEL": "INFO",
        "PYTHONUNBUFFERED": "1",
        "PYTHONWARNINGS": "ignore",
        "PYTHONPATH": os.pathsep.join([str(root), *filter(None, [os.environ.get("PYTHONPATH")])]),
    }
    said: list[str] = []
    done = _STARTUP
    with subprocess.Popen(
        command,
        cwd=root,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            said.append(line.strip())
            logged = _LOGGED.search(line)
            if logged and logged[2] in _COMPONENTS:
                stage, part = _COMPONENTS[logged[2]]
                done += part if logged[1].startswith("Finished") else 0
                progress(stage, round(done, 2))
    if process.returncode:
        raise SetupError(f"training failed: {' / '.join(line for line in said[-5:] if line)}")
    return said
