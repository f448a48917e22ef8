"""`refunddesk train`: a model that matches config, domain and data, with a progress display."""

from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from bot.settings import Settings


def ensure_model(settings: Settings, console: Console, *, force: bool = False) -> Path:
    """The model for what the project's files say now; trained first if there is none, or if `force`."""
    from bot.nlu.training import find_model, train

    model = None if force else find_model(settings.models_dir)
    if model is not None:
        return model
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("training the model", total=1.0)
        model = train(lambda stage, share: progress.update(task, description=stage, completed=share))
        progress.update(task, description=f"trained {model.name}", completed=1.0)
    return model
