"""Whatever arrives, the parser answers in its own words, and soon. `make fuzz` sends 100,000.

FUZZ_SEED makes the same messages again.
"""

import gc
import logging
import os
import random
import time
import typing
from collections import Counter
from collections.abc import Iterator

import pytest

from calls import media_streams
from calls.media_streams import Malformed, parse
from tests.calls.twilio_messages import REAL_MESSAGES
from tests.fuzz.mutations import IN_THE_DOCUMENT, IN_THE_TEXT, Mutated, mutated

logger = logging.getLogger(__name__)
MESSAGES = int(os.environ.get("FUZZ_MESSAGES", "5000"))
SEED = int(os.environ.get("FUZZ_SEED", "2026"))
# Of the processor, not of the clock: others work on this machine. 100,000 took 0.3 ms at most.
MOST_SECONDS = 0.05
READABLE = typing.get_args(media_streams.Message)


def as_received(message: str | bytes) -> list[str | None]:
    """What a WebSocket server may hand over. Of a binary frame, no text; text that is no UTF-8 is
    refused by Autobahn, but some servers repair it.
    """
    if isinstance(message, str):
        return [message]
    return [None, message.decode(errors="replace"), message.decode(errors="surrogateescape")]


@pytest.fixture(autouse=True)
def _nobody_collects_meanwhile() -> Iterator[None]:
    """A collection of all that the tests have loaded takes 90 ms, and is no part of parsing."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def took_seconds(it: Mutated, found: Counter[str]) -> float:
    slowest = 0.0
    for text in as_received(it.message):
        began = time.thread_time()
        message = parse(text)
        slowest = max(slowest, time.thread_time() - began)
        assert isinstance(message, READABLE), it
        found[type(message).__name__] += 1
        if isinstance(message, Malformed):
            assert message.reason.isascii() and len(message.reason) < 80, it
    return slowest


def test_no_mutated_message_is_more_than_malformed() -> None:
    rng = random.Random(SEED)
    made, found = Counter[str](), Counter[str]()
    slowest, slowest_is = 0.0, ""
    for _ in range(MESSAGES):
        it = mutated(rng.choice(REAL_MESSAGES), rng)
        made.update(it.how.split(" and "))
        try:
            seconds = took_seconds(it, found)
        except Exception as error:
            raise AssertionError(
                f"{type(error).__name__} on {it!r:.2000}, FUZZ_SEED={SEED}"
            ) from error
        if seconds > slowest:
            slowest, slowest_is = seconds, it.how
    logger.info(
        "%d mutated messages (seed %d) became %s; the slowest took %.2f ms: %s. Mutations: %s",
        MESSAGES, SEED, dict(found), slowest * 1000, slowest_is, dict(made.most_common()),
    )  # fmt: skip
    assert slowest < MOST_SECONDS, slowest_is
    assert set(made) == {*IN_THE_DOCUMENT, *IN_THE_TEXT}, "some mutation was never tried"
    assert set(found) == {kind.__name__ for kind in READABLE}, "not every kind of message came out"
