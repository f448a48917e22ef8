"""`refunddesk run`: train if needed, start the three processes, stop them together."""

import signal
import threading
import time
from types import FrameType

import httpx
from rich.console import Console
from rich.panel import Panel
from rich.status import Status
from rich.table import Table

from bot.commands.processes import Process, Service, check_port, environment, services
from bot.commands.train import ensure_model
from bot.errors import SetupError
from bot.settings import Settings

READY_SECONDS = 180
"""A first start on a slow disk; an ordinary one takes about ten seconds."""


class Runner:
    """Starts the services, watches them, and stops them in the reverse order."""

    def __init__(self, settings: Settings, console: Console) -> None:
        self._settings = settings
        self._console = console
        self._stop = threading.Event()
        self._running: list[Process] = []

    def run(self) -> int:
        """Blocks until Ctrl-C, SIGTERM or the death of one process; the exit code to give."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)
        model = ensure_model(self._settings, self._console)
        wanted = services(self._settings, model)
        for service in wanted:
            check_port(service)
        try:
            self._start(wanted)
            if not self._wait_until_ready():
                return 0 if self._stop.is_set() else 1
            self._console.print(self._addresses())
            return self._watch()
        finally:
            self._stop_all()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._stop.set()

    def _start(self, wanted: list[Service]) -> None:
        logs = self._settings.data_dir / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        for service in wanted:
            self._running.append(Process(service, logs / f"{service.name}.log", environment(self._settings)))

    def _wait_until_ready(self) -> bool:
        waiting = list(self._running)
        deadline = time.monotonic() + READY_SECONDS
        with httpx.Client() as client, self._console.status("") as status:
            while waiting and not self._stop.is_set():
                if self._report_dead():
                    return False
                if time.monotonic() > deadline:
                    names = ", ".join(process.service.name for process in waiting)
                    raise SetupError(
                        f"{names} did not answer within {READY_SECONDS} s: see {self._settings.data_dir / 'logs'}"
                    )
                waiting = [process for process in waiting if not self._is_ready(process, client)]
                _show(status, waiting)
                time.sleep(0.2)
        return not self._stop.is_set()

    def _is_ready(self, process: Process, client: httpx.Client) -> bool:
        ready = process.is_ready(client)
        if ready:
            self._console.print(f"[green]✓[/] {process.service.name} answers on port {process.service.port}")
        return ready

    def _watch(self) -> int:
        while not self._stop.wait(0.5):
            if self._report_dead():
                return 1
        self._console.print("Stopping …")
        return 0

    def _report_dead(self) -> bool:
        dead = next((process for process in self._running if process.exit_code is not None), None)
        if dead is None:
            return False
        name = dead.service.name
        self._console.print(f"[red]{name} has stopped (exit code {dead.exit_code}).[/] Its last lines:")
        for line in dead.last_lines():
            self._console.print(f"  {line}", markup=False, highlight=False)
        self._console.print(f"All of it: {dead.log}. The other processes are being stopped; run again to go on.")
        return True

    def _stop_all(self) -> None:
        for process in reversed(self._running):
            process.stop()
        self._running.clear()

    def _addresses(self) -> Panel:
        settings = self._settings
        base = f"http://{'localhost' if settings.host in ('127.0.0.1', '0.0.0.0') else settings.host}:{settings.port}"
        table = Table.grid(padding=(0, 2))
        if settings.demo:
            table.add_row("Demo shop", f"{base}/demo")
        table.add_row("Console", f"{base}/console")
        table.add_row("  log in as", f"{settings.console_user} / {settings.console_password}")
        table.add_row("API docs", f"{base}/docs")
        table.add_row("API key", settings.api_key)
        table.add_row("Data", str(settings.data_dir))
        table.add_row("", "Ctrl-C stops everything.")
        return Panel(table, title="RefundDesk is running", expand=False)


def _show(status: Status, waiting: list[Process]) -> None:
    status.update("waiting for " + ", ".join(process.service.name for process in waiting))
