"""What goes between the pages and the processes that carry calls, over the channel layer.

Two groups: CARRIERS, where each process that carries a call listens, and PAGES, where each open
page does. A message that is lost costs nothing that lasts: pages read what was said from the
database again every few seconds.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from channels.exceptions import ChannelFull
from channels.layers import get_channel_layer
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

CARRIERS, PAGES = "live-carriers", "live-pages"
SEND_SECONDS = 2.0
JOIN_AGAIN_SECONDS = 30.0  # a Redis that was emptied has forgotten who listens
TRY_AGAIN_SECONDS = 1.0
AWAY = (RedisError, OSError, TimeoutError, ChannelFull)


@dataclass(frozen=True, slots=True)
class Card:
    """One call that is carried somewhere. `number` is the caller's own: pages hide it."""

    call_sid: str
    number: str
    agent: str
    customer: str
    age_ms: float
    targets: tuple[str, ...]  # names of whom it can be transferred to


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody wants done to a call: "hang-up", "transfer" or "whisper"."""

    order_id: str
    call_sid: str
    kind: str
    who: str
    text: str = ""  # the guidance, or the name of the target
    reply_to: str = ""


def document(it: Card | Order) -> dict[str, Any]:
    return asdict(it)


def card_of(fields: Mapping[str, Any]) -> Card:
    return Card(**{**fields, "targets": tuple(fields["targets"])})


async def tell_group(group: str, message: Mapping[str, Any]) -> bool:
    """False when the channel layer is away."""
    return await _sent(get_channel_layer().group_send(group, dict(message)))


async def tell(channel: str, message: Mapping[str, Any]) -> bool:
    return await _sent(get_channel_layer().send(channel, dict(message)))


async def _sent(sending: Awaitable[None]) -> bool:
    try:
        async with asyncio.timeout(SEND_SECONDS):
            await sending
        return True
    except AWAY:
        return False


class Ear:
    """Listens in one group until it is cancelled, also through a Redis that goes and comes."""

    def __init__(
        self,
        group: str,
        take: Callable[[dict[str, Any]], Awaitable[None]],
        changed: Callable[[bool], Awaitable[None]],
    ) -> None:
        """`changed` is told whether the group is heard: at the first time, and at each change."""
        self._group = group
        self._take = take
        self._changed = changed
        self._heard: bool | None = None
        self.channel = ""

    async def run(self) -> None:
        while True:
            try:
                await self._listen()
            except AWAY as error:
                if self._heard is not False:
                    logger.warning("Live calls: no channel layer (%s).", type(error).__name__)
                await self._is_heard(False)
                await asyncio.sleep(TRY_AGAIN_SECONDS)

    async def _listen(self) -> None:
        layer = get_channel_layer()
        self.channel = await layer.new_channel()
        receiving: asyncio.Task[dict[str, Any]] | None = None
        try:
            while True:
                async with asyncio.timeout(SEND_SECONDS):
                    await layer.group_add(self._group, self.channel)
                await self._is_heard(True)
                until = time.monotonic() + JOIN_AGAIN_SECONDS
                while (left := until - time.monotonic()) > 0:
                    # Waited for and not cancelled: a receive that is cancelled may lose a message.
                    receiving = receiving or asyncio.create_task(layer.receive(self.channel))
                    await asyncio.wait([receiving], timeout=left)
                    if receiving.done():
                        message, receiving = receiving.result(), None
                        await self._take(message)
        finally:
            if receiving is not None:
                receiving.cancel()
                await asyncio.wait([receiving], timeout=SEND_SECONDS)
            await _sent(layer.group_discard(self._group, self.channel))

    async def _is_heard(self, heard: bool) -> None:
        if heard is not self._heard:
            self._heard = heard
            await self._changed(heard)
