"""Live events to whoever watches: sockets of buyers and agents in this process.

Publishing is safe from any thread and never waits. A subscriber who is too slow is cut off; it reconnects and
reads what it missed from the transcript by its cursor.
"""

import asyncio
import threading
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

ALL = "*"
"""Subscribe to every conversation; what the console does."""

_QUEUE_SIZE = 256


class Subscription:
    """Events of one conversation (or all) from the moment it was made; iterate until it ends."""

    def __init__(self, size: int = _QUEUE_SIZE) -> None:
        self._queue: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue(size + 1)
        self._loop = asyncio.get_running_loop()
        self._size = size
        self.is_cut_off = False

    def _put(self, event: dict[str, Any] | None) -> None:
        if self.is_cut_off:
            return
        if event is None or self._queue.qsize() >= self._size:
            self.is_cut_off = True
            self._queue.put_nowait(None)
            return
        self._queue.put_nowait(event)

    def offer(self, event: dict[str, Any] | None) -> None:
        """Hand over from any thread; None ends the subscription."""
        try:
            self._loop.call_soon_threadsafe(self._put, event)
        except RuntimeError:  # the loop is closed: nobody listens any more
            self.is_cut_off = True

    async def __aiter__(self) -> AsyncIterator[dict[str, Any]]:
        while (event := await self._queue.get()) is not None:
            yield event


class Fanout:
    """In-process publish and subscribe by conversation id."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._subscriptions: dict[str, set[Subscription]] = defaultdict(set)

    def publish(self, conversation_id: str, event: dict[str, Any]) -> None:
        """Hand `event` to everybody who watches the conversation or all of them. Callable from any thread."""
        with self._lock:
            watching = [*self._subscriptions.get(conversation_id, ()), *self._subscriptions.get(ALL, ())]
        for subscription in watching:
            subscription.offer(event)

    @contextmanager
    def subscription(self, conversation_id: str) -> Iterator[Subscription]:
        """A Subscription that exists from here on: subscribe first, then read the transcript, then iterate."""
        subscription = Subscription()
        with self._lock:
            self._subscriptions[conversation_id].add(subscription)
        try:
            yield subscription
        finally:
            with self._lock:
                self._subscriptions[conversation_id].discard(subscription)
                if not self._subscriptions[conversation_id]:
                    del self._subscriptions[conversation_id]

    async def subscribe(self, conversation_id: str) -> AsyncIterator[dict[str, Any]]:
        """Events from the first step of the iteration on; ends when the subscriber was too slow."""
        with self.subscription(conversation_id) as subscription:
            async for event in subscription:
                yield event

    def close(self) -> None:
        """End every subscription; the desk is stopping."""
        with self._lock:
            everybody = [s for group in self._subscriptions.values() for s in group]
        for subscription in everybody:
            subscription.offer(None)
