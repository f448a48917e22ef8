"""`refunddesk agents add`: people who may log in to the console."""

from sqlalchemy.exc import IntegrityError

from bot.errors import BadInput, Conflict
from bot.settings import Settings

MIN_PASSWORD = 10
"""Characters; argon2 and the lock-out after five tries do the rest."""


def add_agent(settings: Settings, *, username: str, password: str, name: str) -> int:
    """The new agent's id. Raises BadInput for a short password, Conflict if the user name is taken."""
    from bot.commands.orders import embedded_database
    from bot.desk.console.auth import add_agent as add

    if len(password) < MIN_PASSWORD:
        raise BadInput(f"The password needs at least {MIN_PASSWORD} characters.")
    with embedded_database(settings) as database:
        try:
            with database.write() as session:
                return add(session, username=username, password=password, name=name or username).id
        except IntegrityError:
            raise Conflict(f"There is an agent {username} already.") from None
