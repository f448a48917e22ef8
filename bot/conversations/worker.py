"""One worker per conversation: its messages are answered one turn after the other, never two at once."""

import asyncio
import time
from collections.abc import Callable
from enum import StrEnum

import structlog
from anyio import to_thread

from bot.channels.base import CHAT_CHANNELS_WITHOUT_BURST
from bot.conversations.rasa import BotLine, RasaClient, StartGrace
from bot.conversations.turns import Turn, Turns
from bot.errors import ServiceError
from bot.storage.engine import Publish

log = structlog.get_logger(__name__)

_RECHECK_AFTER_S = 1.0
"""A turn that Rasa does not know yet may still be running there: it is looked for once more before it is repeated."""

_MAX_PAUSE_S = 30.0
_STOP_AFTER_S = 5.0


class Outcome(StrEnum):
    """What became of one message."""

    ANSWERED = "answered"
    MERGED = "merged"
    """It was one of several in a turn; the answer goes with the last of them."""
    SILENT = "silent"
    """A person has the floor, or took it meanwhile."""
    FAILED = "failed"


Observe = Callable[[str, float], None]
"""Called after every turn of the bot with its outcome and its seconds."""


class Workers:
    """Starts workers on demand. Use from the event loop only."""

    def __init__(
        self,
        turns: Turns,
        rasa: RasaClient,
        grace: StartGrace,
        *,
        burst_window: float,
        publish: Publish,
        observe: Observe,
    ) -> None:
        self._turns = turns
        self._rasa = rasa
        self._grace = grace
        self._burst_window = burst_window
        self._publish = publish
        self._observe = observe
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._has_more: set[str] = set()
        self._waiters: dict[int, list[asyncio.Future[Outcome]]] = {}

    def wake(self, conversation_id: str, channel: str) -> None:
        """Something waits in this conversation."""
        self._has_more.add(conversation_id)
        if conversation_id not in self._tasks:
            task = asyncio.create_task(self._run(conversation_id, channel), name=f"turns-{conversation_id}")
            self._tasks[conversation_id] = task

    async def wake_waiting(self) -> None:
        """Start workers for everything a stopped desk has left."""
        for conversation_id, channel in await to_thread.run_sync(self._turns.waiting):
            self.wake(conversation_id, channel)

    async def outcome(self, inbox_id: int, timeout: float) -> Outcome | None:
        """What became of a message that was accepted just now; None if that takes longer than `timeout` seconds."""
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiters.setdefault(inbox_id, []).append(future)
        try:
            return await asyncio.wait_for(future, timeout)
        except TimeoutError:
            return None
        finally:
            waiting = self._waiters.get(inbox_id, [])
            if future in waiting:
                waiting.remove(future)
            if not waiting:
                self._waiters.pop(inbox_id, None)

    async def stop(self) -> None:
        """Let running turns finish for a few seconds; what is cut off is taken up at the next start."""
        tasks = list(self._tasks.values())
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=_STOP_AFTER_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _run(self, conversation_id: str, channel: str) -> None:
        pause = 0.5
        try:
            await self._grace.wait()
            if self._burst_window and channel not in CHAT_CHANNELS_WITHOUT_BURST:
                # People write in bursts: three short messages are one request.
                await asyncio.sleep(self._burst_window)
            while conversation_id in self._has_more:
                self._has_more.discard(conversation_id)
                try:
                    while await self._step(conversation_id):
                        pause = 0.5
                except Exception:
                    # A full disk or a lost database: nothing is given up, the rows wait where they are.
                    log.exception("worker_failed", conversation=conversation_id)
                    self._has_more.add(conversation_id)
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, _MAX_PAUSE_S)
        finally:
            del self._tasks[conversation_id]

    async def _step(self, conversation_id: str) -> bool:
        """One turn. True: there is more to do than what a later `wake` will tell."""
        taken = await to_thread.run_sync(self._turns.take, conversation_id)
        if taken is None:
            return False
        if taken.turn is None:
            self._resolve(taken.done, Outcome.SILENT)
            return taken.is_more
        turn, started = taken.turn, time.perf_counter()
        self._publish(conversation_id, {"type": "typing", "on": True, "conversation_id": conversation_id})
        try:
            outcome = await self._answer(turn)
        finally:
            self._publish(conversation_id, {"type": "typing", "on": False, "conversation_id": conversation_id})
        self._observe(outcome, time.perf_counter() - started)
        self._resolve(turn.rows, outcome)
        return taken.is_more

    async def _answer(self, turn: Turn) -> Outcome:
        try:
            lines = await self._ask(turn)
        except ServiceError as error:
            log.warning("bot_failed", conversation=turn.conversation_id, turn=turn.turn_id, error=error.detail)
            await to_thread.run_sync(self._turns.fail, turn)
            return Outcome.FAILED
        said = await to_thread.run_sync(self._turns.finish, turn, lines)
        if said:
            return Outcome.ANSWERED
        return Outcome.SILENT if lines else Outcome.FAILED

    async def _ask(self, turn: Turn) -> list[BotLine]:
        if turn.is_recovered:
            said = await self._rasa.find_turn(turn.conversation_id, turn.turn_id)
            if said is None:
                await asyncio.sleep(_RECHECK_AFTER_S)
                said = await self._rasa.find_turn(turn.conversation_id, turn.turn_id)
            if said is not None:
                return said
        return await self._rasa.answer(turn.conversation_id, turn.text, turn.metadata)

    def _resolve(self, rows: tuple[int, ...], outcome: Outcome) -> None:
        for row in rows:
            for future in self._waiters.pop(row, []):
                if not future.done():
                    future.set_result(outcome if row == rows[-1] else Outcome.MERGED)
