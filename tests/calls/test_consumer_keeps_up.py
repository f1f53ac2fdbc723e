"""What has come on a stream is read at once, however busy the loop is."""

import asyncio
from typing import Any

import pytest

from calls.consumers import MediaStreamConsumer
from calls.refusals import Refused

MESSAGES = 400  # 8 s of a stream; 500 at once are a flood
FRAME = {"type": "websocket.receive", "text": '{"event":"mark"}'}


class Listener:
    """Stands for the session. `read` is how many messages have reached it."""

    def __init__(self) -> None:
        self.read, self.was_left = 0, False

    def feed(self, message: object) -> Refused | None:
        self.read += 1
        return None

    def gone(self, socket: object, *, cleanly: bool) -> None:
        self.was_left = True


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
def consumer(listener: Listener) -> MediaStreamConsumer:
    consumer = MediaStreamConsumer()
    consumer._session = listener  # type: ignore[assignment]
    return consumer


async def say_nothing(message: dict[str, Any]) -> None:
    return


async def test_a_backlog_is_read_within_few_turns_of_the_loop(
    consumer: MediaStreamConsumer, listener: Listener
) -> None:
    """With Channels' own loop it were three turns for each: 1,200."""
    came: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    for _ in range(MESSAGES):
        came.put_nowait(FRAME)
    running = asyncio.create_task(consumer({"type": "websocket"}, came.get, say_nothing))
    await asyncio.sleep(0)
    assert 0 < listener.read < MESSAGES, "others have their turn, too"
    for _ in range(60):
        await asyncio.sleep(0)
    assert listener.read == MESSAGES
    running.cancel()
    await asyncio.wait([running])
    assert listener.was_left, "a consumer that is killed leaves its call"


@pytest.mark.django_db(transaction=True)  # Channels closes old connections at the end.
async def test_what_comes_before_the_end_is_read_before_it(
    consumer: MediaStreamConsumer, listener: Listener
) -> None:
    came: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    for message in (FRAME, FRAME, {"type": "websocket.disconnect", "code": 1000}):
        came.put_nowait(message)
    async with asyncio.timeout(5.0):
        await consumer({"type": "websocket"}, came.get, say_nothing)
    assert (listener.read, listener.was_left) == (2, True)
