"""`refunddesk orders import`, and the embedded back end as commands open it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bot.errors import BadInput
from bot.settings import Settings


@contextmanager
def embedded_database(settings: Settings) -> Iterator[Any]:
    """The configured database, brought to the newest schema."""
    from bot.storage.engine import Database
    from bot.storage.migrate import migrate

    settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = Database(settings.desk_database_url)
    try:
        migrate(database.engine)
        yield database
    finally:
        database.close()


@contextmanager
def embedded_backend(settings: Settings) -> Iterator[Any]:
    """The embedded back end on the configured database."""
    from bot.backends.embedded import EmbeddedBackend

    with embedded_database(settings) as database:
        yield EmbeddedBackend(database)


def import_file(settings: Settings, file: Path) -> dict[str, Any]:
    """{"taken": count, "bad": [{"line", "reason"}]}. Raises BadInput if the file cannot be read at all."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise BadInput(f"{file}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise BadInput(f"{file}: orders must be UTF-8") from None
    is_csv = file.suffix.lower() == ".csv"
    with embedded_backend(settings) as backend:
        imported = backend.import_text(text, is_csv=is_csv, shop=settings.shop)
    return {"taken": imported.taken, "bad": [{"line": row.line, "reason": row.detail} for row in imported.bad]}
