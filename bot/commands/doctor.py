"""`refunddesk doctor`: what is installed, configured and reachable, one line each."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import httpx
import sqlalchemy as sa

from bot.errors import RefundDeskError
from bot.settings import Settings

_PACKAGES = ("rasa", "rasa-sdk", "tensorflow-cpu", "spacy", "jieba", "opencc", "scikit-learn", "fastapi", "sqlalchemy")

_ROOM_NEEDED = 500_000_000
"""Bytes: a model, the databases and a first week of evidence."""


@dataclass(frozen=True)
class Finding:
    """One line: `status` is ok, note (works, but read it) or bad (does not work)."""

    name: str
    status: str
    detail: str


def examine(settings: Settings) -> Iterator[Finding]:
    """Look at everything; never raises for what it finds wrong."""
    yield _python()
    for package in _PACKAGES:
        yield _package(package)
    for name, look in _LOOKS.items():
        try:
            yield look(name, settings)
        except (OSError, RefundDeskError, sa.exc.SQLAlchemyError) as error:
            yield Finding(name, "bad", str(error).splitlines()[0])


def _python() -> Finding:
    running = ".".join(map(str, sys.version_info[:3]))
    fits = sys.version_info[:2] == (3, 11)
    return Finding("python", "ok" if fits else "bad", running if fits else f"{running}, 3.11 is needed")


def _package(package: str) -> Finding:
    try:
        return Finding(package, "ok", version(package))
    except PackageNotFoundError:
        return Finding(package, "bad", "not installed: run make install")


def _data_dir(name: str, settings: Settings) -> Finding:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    if not os.access(settings.data_dir, os.W_OK):
        return Finding(name, "bad", f"{settings.data_dir} cannot be written")
    free = shutil.disk_usage(settings.data_dir).free
    return Finding(name, "ok" if free > _ROOM_NEEDED else "note", f"{settings.data_dir}, {free / 1e9:.1f} GB free")


def _database(name: str, settings: Settings) -> Finding:
    from bot.storage.engine import make_engine

    engine = make_engine(settings.desk_database_url)
    with engine.connect() as connection:
        tables = sa.inspect(connection).get_table_names()
    engine.dispose()
    if "alembic_version" not in tables:
        return Finding(name, "note", f"{engine.dialect.name}, empty: the first start makes the tables")
    return Finding(name, "ok", f"{engine.dialect.name}, {len(tables)} tables")


def _policies(name: str, settings: Settings) -> Finding:
    from bot.policy.packs import check_shop, load_packs

    problems = check_shop(load_packs(settings.policies_dir, strict=False))
    return Finding(name, "bad" if problems else "ok", "; ".join(problems) or str(settings.policies_dir))


def _model(name: str, settings: Settings) -> Finding:
    from bot.nlu.training import find_model

    model = find_model(settings.models_dir)
    if model is None:
        return Finding(name, "note", "none matches the data: refunddesk train, or run, makes one")
    return Finding(name, "ok", f"{model.name}, {model.stat().st_size / 1e6:.1f} MB")


def _encoders(name: str, _settings: Settings) -> Finding:
    from bot.nlu import encoders

    if encoders.available():
        return Finding(name, "ok", "their files are the pinned ones")
    return Finding(name, "note", "not here or changed: the linear model serves alone; make install brings them")


def _browser(name: str, _settings: Settings) -> Finding:
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    return Finding(name, "ok" if found else "note", found or "none: only the tests need one, make test brings it")


def _reachable(url: Callable[[Settings], str]) -> Callable[[str, Settings], Finding]:
    def look(name: str, settings: Settings) -> Finding:
        address = url(settings)
        shown = address.partition("?")[0]
        try:
            answer = httpx.get(address, timeout=3)
        except httpx.HTTPError:
            return Finding(name, "note", f"{shown} does not answer: not running")
        return Finding(name, "ok" if answer.status_code == 200 else "bad", f"{shown} answers {answer.status_code}")

    return look


def _secrets(name: str, settings: Settings) -> Finding:
    made = settings.data_dir / "secrets.json"
    if not made.exists():
        return Finding(name, "ok", "all from the environment")
    loose = Path(made).stat().st_mode & 0o077
    return Finding(
        name, "bad" if loose else "ok", f"{made} {'can be read by others: chmod 600' if loose else ''}".strip()
    )


_LOOKS: dict[str, Callable[[str, Settings], Finding]] = {
    "data folder": _data_dir,
    "secrets": _secrets,
    "database": _database,
    "policies": _policies,
    "model": _model,
    "encoders": _encoders,
    "browser": _browser,
    "desk": _reachable(lambda settings: f"{settings.desk_url}/readyz"),
    "rasa": _reachable(lambda settings: f"{settings.rasa_url}/status?token={settings.rasa_token}"),
    "actions": _reachable(lambda settings: f"{settings.actions_url}/health"),
}
