"""The agent's own voice is told from a caller by its shape, not by its level."""

import numpy as np
import pytest

from calls.pipeline.echo import (
    ALIKE,
    QUIETEST,
    SEARCHED,
    WINDOW,
    EchoGate,
    Samples,
    likeness,
    loudness,
)
from calls.playout import Playout
from catalog import mulaw
from rehearsal.caller import line
from rehearsal.caller.mulaw import mixed
from tests.calls.fake_clock import FakeClock

PIECE = 320  # 40 ms
LINES = ("ask-hours", "who-am-i", "hello-question", "book", "person", "goodbye")
SILENCE = b"\xff"


async def nowhere(_text: str) -> None:
    pass


def samples(audio: bytes) -> Samples:
    return np.frombuffer(mulaw.decode(audio), "<i2").astype(np.float32)


async def let_through(
    spoken: bytes, incoming: bytes, played_seconds: float = 0.0
) -> tuple[int, int]:
    """Plays `spoken` while `incoming` comes in: loud pieces that came through, and all of them."""
    clock = FakeClock()
    playout = Playout("MZ1", nowhere, now=clock)
    gate = EchoGate(playout, now=clock)
    await playout.send_audio(spoken)
    through = loud = 0
    for start in range(0, len(incoming) - PIECE, PIECE):
        clock.advance(PIECE / 8_000)
        pcm = mulaw.decode(incoming[start : start + PIECE])
        as_loud = loudness(np.frombuffer(pcm, "<i2").astype(np.float32)) > QUIETEST
        loud += as_loud
        through += gate.without_echo(pcm) == pcm and as_loud
    return through, loud


def echo(spoken: bytes, level_db: float, delay_ms: int, over: bytes = b"") -> bytes:
    """What the microphone picks up, with the caller's own words over it."""
    length = len(spoken) + 8 * delay_ms
    own = over[:length] + SILENCE * (length - len(over))
    return mixed(own, SILENCE * (8 * delay_ms) + spoken, level_db)


@pytest.mark.parametrize("name", LINES)
@pytest.mark.parametrize("level_db", [-6.0, -15.0, -25.0])
@pytest.mark.parametrize("delay_ms", [20, 200, 450])
async def test_an_echo_becomes_silence(name: str, level_db: float, delay_ms: int) -> None:
    spoken = line(name).audio
    through, loud = await let_through(spoken, echo(spoken, level_db, delay_ms))
    assert loud > 5 and through <= 1


@pytest.mark.parametrize("name", LINES)
async def test_a_caller_who_speaks_meanwhile_is_heard(name: str) -> None:
    for other in LINES:
        if other != name:
            through, loud = await let_through(line(other).audio * 3, line(name).audio)
            assert loud > 5 and through == loud


async def test_a_caller_who_speaks_over_an_echo_is_heard() -> None:
    spoken = line("ask-hours").audio * 2
    caller = line("hello-question").audio
    incoming = echo(spoken, -15.0, 200, over=caller)[: len(caller)]
    through, loud = await let_through(spoken, incoming)
    assert through > 0.6 * loud


async def test_nothing_is_compared_when_the_agent_is_silent() -> None:
    audio = line("book").audio
    through, loud = await let_through(b"", audio)
    assert through == loud


def test_likeness_is_of_shape_alone() -> None:
    sentence = samples(line("ask-hours").audio)
    played = np.pad(sentence, (0, SEARCHED))[:SEARCHED]
    heard = sentence[4_000 : 4_000 + WINDOW]
    assert likeness(heard, played) > 0.99
    assert likeness(heard * 0.03, played) > 0.99
    assert likeness(-heard, played) > 0.99
    assert likeness(np.zeros(WINDOW, np.float32), played) == 0.0
    assert likeness(heard, np.zeros(SEARCHED, np.float32)) < ALIKE
