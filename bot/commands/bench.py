"""`refunddesk bench`: the budgets, measured beside a stock Rasa in the same run and printed as ratios."""

import itertools
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table

from bot.commands.bench_stock import stock_service, train_stock
from bot.commands.processes import Process, environment, services
from bot.commands.train import ensure_model
from bot.errors import SetupError
from bot.settings import ROOT, Settings

READY_SECONDS = 180
MESSAGES = (
    "订单 RD20260001 的耳机左边没声音，我要退款",
    "耳機左邊沒有聲音，想退貨",
    "the left earbud is silent, I want my money back",
    "七天无理由怎么算",
    "退款到哪了",
    "where is my refund",
    "转人工",
    "ok",
)
STATUS_TURN = "退款到哪了"
"""Crosses the desk, Rasa, the action server and the desk's API: one custom action."""


def measure(settings: Settings, console: Console, *, turns: int, stock_epochs: int) -> dict[str, Any]:
    """Train the stock assistant, start everything on ports of its own, measure. Takes minutes."""
    model = ensure_model(settings, console)
    with tempfile.TemporaryDirectory() as name, ExitStack() as cleanup:
        folder = Path(name)
        started = time.perf_counter()
        with console.status(f"training the stock pipeline ({stock_epochs} epochs)"):
            stock_model = train_stock(folder / "stock", epochs=stock_epochs)
        stock_training = time.perf_counter() - started
        ours = settings.model_copy(update=_apart(folder))
        stock_port = ours.actions_port + 1
        wanted = [*services(ours, model), stock_service(ours, stock_model, stock_port, folder / "endpoints.yml")]
        processes = []
        for service in wanted:
            process = Process(service, folder / f"{service.name}.log", environment(ours))
            cleanup.callback(process.stop)
            processes.append(process)
        with console.status("starting both"):
            start_seconds = _wait_until_ready(processes)
        bench = Bench(ours, stock_url=f"http://127.0.0.1:{stock_port}", console=console)
        cleanup.callback(bench.close)
        return {
            "stock_epochs": stock_epochs,
            "stock_training_seconds": stock_training,
            "start_seconds": start_seconds,
            "memory_mb": _memory(processes),
            "parse": bench.parse(turns),
            "turn": bench.turn(turns),
            "long_conversation": bench.long_conversation(),
        }


def _apart(folder: Path) -> dict[str, Any]:
    return {
        "data_dir": folder / "var",
        "database_url": "",
        "rasa_database_url": "",
        "port": 18000,
        "rasa_port": 15005,
        "actions_port": 15055,
        "demo": True,
    }


def _wait_until_ready(processes: Sequence[Process]) -> dict[str, float]:
    """Seconds from the start until each answered."""
    seconds: dict[str, float] = {}
    start = time.perf_counter()
    with httpx.Client() as client:
        while len(seconds) < len(processes):
            for process in processes:
                name = process.service.name
                if process.exit_code is not None:
                    raise SetupError(f"{name} stopped:\n" + "\n".join(process.last_lines()))
                if name not in seconds and process.is_ready(client):
                    seconds[name] = time.perf_counter() - start
            if time.perf_counter() - start > READY_SECONDS:
                raise SetupError(f"only {', '.join(seconds)} answered within {READY_SECONDS} s")
            time.sleep(0.1)
    return seconds


def _memory(processes: Sequence[Process]) -> dict[str, float]:
    """Resident megabytes of each process, idle."""
    page_kb = 1024
    sizes = {}
    for process in processes:
        status = Path(f"/proc/{process.pid}/status").read_text()
        kilobytes = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
        sizes[process.service.name] = kilobytes / page_kb
    return sizes


class Bench:
    """Two running assistants and the clients that talk to them; rounds alternate between the two."""

    def __init__(self, settings: Settings, *, stock_url: str, console: Console) -> None:
        self._console = console
        self._desk = httpx.Client(
            base_url=settings.desk_url, headers={"Authorization": f"Bearer {settings.api_key}"}, timeout=60
        )
        token = {"token": settings.rasa_token}
        self._rasa = httpx.Client(base_url=settings.rasa_url, params=token, timeout=60)
        self._stock = httpx.Client(base_url=stock_url, params=token, timeout=60)

    def close(self) -> None:
        for client in (self._desk, self._rasa, self._stock):
            client.close()

    def parse(self, count: int) -> dict[str, Any]:
        """Understanding one message, over Rasa's HTTP API in both."""
        texts = list(itertools.islice(itertools.cycle(_texts()), count))
        ours, stock = self._both(
            [(partial(self._parse, self._rasa, text), partial(self._parse, self._stock, text)) for text in texts],
            "parse",
        )
        return _compared(ours, stock)

    @staticmethod
    def _parse(client: httpx.Client, text: str) -> None:
        client.post("/model/parse", json={"text": text}).raise_for_status()

    def turn(self, count: int) -> dict[str, Any]:
        """A buyer's turn with one custom action: ours through the desk, stock straight at Rasa's webhook."""
        conversations = [self._say(f"bench-{number}", STATUS_TURN) for number in range(count)]
        ours, stock = self._both(
            [
                (
                    partial(self._say, f"bench-{number}", STATUS_TURN),
                    partial(self._say_stock, conversation, STATUS_TURN),
                )
                for number, conversation in enumerate(conversations)
            ],
            "turn",
        )
        return _compared(ours, stock)

    def long_conversation(self) -> dict[str, Any]:
        """Turn 200 of one conversation against turn 5: medians of the turns around each."""
        conversation = self._say("bench-long", "hi")
        ours, stock = self._both(
            [
                (
                    partial(self._say, "bench-long", STATUS_TURN),
                    partial(self._say_stock, conversation, STATUS_TURN),
                )
            ]
            * 204,
            "long conversation",
        )
        return {name: _growth(times) for name, times in (("ours", ours), ("stock", stock))}

    def _say(self, sender: str, text: str) -> str:
        answer = self._desk.post("/channels/rest/messages", json={"sender": sender, "text": text})
        data = answer.raise_for_status().json()
        if not data["messages"] or data["mode"] != "bot":
            raise SetupError(f"the bot did not answer {text!r}: {data}")
        conversation: str = data["conversation_id"]
        return conversation

    def _say_stock(self, conversation: str, text: str) -> None:
        body = {"sender": conversation, "message": text}
        self._stock.post("/webhooks/rest/webhook", json=body).raise_for_status()

    def _both(
        self, rounds: Sequence[tuple[Callable[[], object], Callable[[], object]]], name: str
    ) -> tuple[list[float], list[float]]:
        times: tuple[list[float], list[float]] = ([], [])
        with self._console.status(name) as status:
            for number, calls in enumerate(rounds):
                status.update(f"{name} {number + 1}/{len(rounds)}")
                for bucket, call in zip(times, calls, strict=True):
                    start = time.perf_counter()
                    call()
                    bucket.append((time.perf_counter() - start) * 1000)
        return times


def _texts() -> list[str]:
    held_out = sorted((ROOT / "tests" / "nlu").glob("heldout*.jsonl"))
    lines = [json.loads(line)["text"] for path in held_out for line in path.read_text(encoding="utf-8").splitlines()]
    return lines or list(MESSAGES)


def _percentile(times: Sequence[float], share: float) -> float:
    return sorted(times)[min(len(times) - 1, int(len(times) * share))]


def _compared(ours: Sequence[float], stock: Sequence[float]) -> dict[str, Any]:
    figures = {
        name: {"p50_ms": statistics.median(times), "p95_ms": _percentile(times, 0.95)}
        for name, times in (("ours", ours), ("stock", stock))
    }
    ratios = {key: figures["ours"][key] / figures["stock"][key] for key in ("p50_ms", "p95_ms")}
    return figures | {"ratio": ratios, "count": len(ours)}


def _growth(times: Sequence[float]) -> dict[str, float]:
    early, late = statistics.median(times[2:8]), statistics.median(times[-8:])
    return {"turn_5_ms": early, "turn_200_ms": late, "ratio": late / early}


def print_report(report: dict[str, Any], console: Console) -> None:
    """The figures as a table, ours beside stock."""
    table = Table("what", "ours", "stock Rasa", "ratio", title=f"stock DIET: {report['stock_epochs']} epochs")
    for name in ("parse", "turn"):
        part = report[name]
        for key in ("p50_ms", "p95_ms"):
            values = (part["ours"][key], part["stock"][key], part["ratio"][key])
            table.add_row(
                f"{name} {key.replace('_ms', '')}", f"{values[0]:.1f} ms", f"{values[1]:.1f} ms", f"{values[2]:.2f}"
            )
    long = report["long_conversation"]
    table.add_row("turn 200 against turn 5", f"{long['ours']['ratio']:.2f} x", f"{long['stock']['ratio']:.2f} x", "")
    memory = report["memory_mb"]
    three = sum(memory[name] for name in ("desk", "rasa", "actions"))
    table.add_row("memory, idle", f"{three:.0f} MB (three)", f"{memory['stock rasa']:.0f} MB (Rasa only)", "")
    starts = report["start_seconds"]
    ready = max(starts[name] for name in ("desk", "rasa", "actions"))
    table.add_row("ready after", f"{ready:.1f} s", f"{starts['stock rasa']:.1f} s", "")
    console.print(table)
