"""A channel in memory, shipped so that whoever writes a channel or a dialogue can try it without a platform."""

from collections import deque

from bot.channels.base import Limits, OutboundMessage
from bot.errors import RefundDeskError


class MemoryChannel:
    """Keeps what was sent in `sent`. Errors put into `failures` are raised first, one per send."""

    limits = Limits()

    def __init__(self, name: str = "memory", *, deduplicates: bool = False) -> None:
        self.name = name
        self.deduplicates = deduplicates
        self.sent: list[OutboundMessage] = []
        self.failures: deque[RefundDeskError] = deque()

    async def send(self, message: OutboundMessage) -> None:
        if self.failures:
            raise self.failures.popleft()
        self.sent.append(message)
