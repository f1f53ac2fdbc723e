"""When the model may run, and what of the caller goes on to it."""

import pytest
from pipecat.frames.frames import (
    InputAudioRawFrame,
    InterruptionFrame,
    LLMContextFrame,
    TranscriptionFrame,
)
from pipecat.processors.aggregators.llm_context import LLMContext

from calls.pipeline.turn_gate import TurnGate
from tests.calls.pipeline.fake_line import FakeLine
from tests.calls.pipeline.running import running


def turn(text: str) -> LLMContextFrame:
    return LLMContextFrame(LLMContext([{"role": "user", "content": text}]))


def marker(text: str) -> TranscriptionFrame:
    """A frame that passes in order: once it is through, so is whatever went before it."""
    return TranscriptionFrame(text, "", "")


@pytest.fixture
async def line() -> FakeLine:
    return FakeLine()


async def test_it_lets_a_turn_through(line: FakeLine) -> None:
    async with running(TurnGate(line)) as pipeline:
        frame = turn("When do you open?")
        await pipeline.send(frame)
        assert await pipeline.down.next(LLMContextFrame) is frame


async def test_it_ends_the_way_of_the_callers_audio(line: FakeLine) -> None:
    async with running(TurnGate(line)) as pipeline:
        await pipeline.send(InputAudioRawFrame(bytes(320), 8_000, 1), marker("next"))
        await pipeline.down.next(TranscriptionFrame)
        assert pipeline.down.of_kind(InputAudioRawFrame) == []


async def test_it_holds_a_turn_while_a_protected_greeting_plays(line: FakeLine) -> None:
    gate = TurnGate(line)
    async with running(gate) as pipeline:
        line.greeting_is_protected = True
        frame = turn("When do you open?")
        await pipeline.send(frame, marker("next"))
        await pipeline.down.next(TranscriptionFrame)
        assert pipeline.down.of_kind(LLMContextFrame) == []
        line.greeting_is_protected = False
        await gate.open()
        assert await pipeline.down.next(LLMContextFrame) is frame


async def test_it_answers_once_whoever_opens_it_how_often(line: FakeLine) -> None:
    gate = TurnGate(line)
    async with running(gate) as pipeline:
        await gate.open()
        line.greeting_is_protected = True
        await pipeline.send(turn("Hello?"), marker("held"))
        await pipeline.down.next(TranscriptionFrame)
        line.greeting_is_protected = False
        await gate.open()
        await gate.open()
        await pipeline.send(marker("next"))
        await pipeline.down.next(TranscriptionFrame)
        assert len(pipeline.down.of_kind(LLMContextFrame)) == 1


async def test_it_holds_only_the_newest_turn_which_has_the_words_of_all(line: FakeLine) -> None:
    gate = TurnGate(line)
    async with running(gate) as pipeline:
        line.greeting_is_protected = True
        newest = turn("Hello? When do you open?")
        await pipeline.send(turn("Hello?"), newest, marker("held"))
        await pipeline.down.next(TranscriptionFrame)
        line.greeting_is_protected = False
        await gate.open()
        assert await pipeline.down.next(LLMContextFrame) is newest
        assert len(pipeline.down.of_kind(LLMContextFrame)) == 1


async def test_it_forgets_a_held_turn_when_the_caller_goes_on_speaking(line: FakeLine) -> None:
    gate = TurnGate(line)
    async with running(gate) as pipeline:
        line.greeting_is_protected = True
        await pipeline.send(turn("Hello?"), marker("held"))
        await pipeline.down.next(TranscriptionFrame)
        await pipeline.send(InterruptionFrame())
        await pipeline.down.next(InterruptionFrame)
        line.greeting_is_protected = False
        await gate.open()
        await pipeline.send(marker("next"))
        await pipeline.down.next(TranscriptionFrame)
        assert pipeline.down.of_kind(LLMContextFrame) == []
