"""`refunddesk orders import`: orders from a file into the desk's database."""

from pathlib import Path
from typing import Any

from bot.errors import BadInput
from bot.settings import Settings


def import_file(settings: Settings, file: Path) -> dict[str, Any]:
    """{"taken": count, "bad": [{"line", "reason"}]}. Raises BadInput if the file cannot be read at all."""
    from bot.backends.order_files import read_orders
    from bot.storage.engine import make_engine, migrate
    from bot.storage.orders import import_orders

    try:
        content = file.read_bytes()
    except OSError as error:
        raise BadInput(f"{file}: {error.strerror}") from None
    engine = make_engine(settings.desk_database_url)
    migrate(engine)
    return import_orders(engine, read_orders(content, csv=file.suffix.lower() == ".csv"))
