"""While the gate is closed no turn goes on to the model; afterwards, by how it was opened."""

from pipecat.frames.frames import InterruptionFrame, LLMContextFrame, TranscriptionFrame

from calls.pipeline.turn_gate import TurnGate
from tests.calls.pipeline.fake_line import FakeLine
from tests.calls.pipeline.running import running
from tests.calls.pipeline.test_turn_gate import marker, turn


async def test_a_turn_that_was_held_goes_on_when_it_is_opened() -> None:
    gate = TurnGate(FakeLine())
    async with running(gate) as pipeline:
        gate.close()
        frame = turn("Wait, one more question.")
        await pipeline.send(InterruptionFrame(), frame, marker("next"))
        await pipeline.down.next(TranscriptionFrame)
        assert pipeline.down.of_kind(LLMContextFrame) == []
        await gate.open()
        assert await pipeline.down.next(LLMContextFrame) is frame


async def test_an_answer_goes_nowhere_also_when_it_comes_late_and_the_next_turn_does() -> None:
    gate = TurnGate(FakeLine())
    async with running(gate) as pipeline:
        gate.close()
        gate.open_at_the_next_turn()
        await pipeline.send(turn("Five."), marker("next"))
        await pipeline.down.next(TranscriptionFrame)
        assert pipeline.down.of_kind(LLMContextFrame) == []
        after = turn("And are you open on Saturday?")
        await pipeline.send(InterruptionFrame(), after)
        assert await pipeline.down.next(LLMContextFrame) is after
