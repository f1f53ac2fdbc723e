"""What the session can ask of the AI side: run, speak, open the conversation, learn, stop."""

import asyncio
import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pipecat.frames.frames import (
    LLMAssistantPushAggregationFrame,
    LLMMessagesAppendFrame,
    LLMSetToolsFrame,
    LLMUpdateSettingsFrame,
    TTSAudioRawFrame,
    TTSSpeakFrame,
    TTSStartedFrame,
    TTSStoppedFrame,
    TTSTextFrame,
)
from pipecat.pipeline.worker import PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.services.openai.llm import OpenAILLMService
from pipecat.turns.empty_user_turn import EmptyUserTurnConfig
from pipecat.workers.runner import WorkerRunner

from calls.pipeline.line import Line
from calls.pipeline.tools import function_schemas
from calls.pipeline.transport import SAMPLE_RATE, CallOutput, SpokenFrame
from calls.pipeline.turn_gate import TurnGate
from calls.playout import PlayMark
from calls.prompting import seen
from catalog import mulaw
from catalog.snapshot import ClipAudio
from catalog.tools.registry import ToolSpec

OPEN_THE_CONVERSATION = "The phone call has just been answered. Greet the caller in one sentence."
GUIDANCE = (
    "A colleague who listens in tells you this; the caller does not hear it. "
    "Follow it from your next reply on, and do not mention it: {text}"
)
GO_ON = (
    "The line was cut off for a moment and is back; the caller has just been told so. Go on where "
    "you were: answer what the caller said last, or say again what they did not hear to its end. "
    "Do not greet."
)
STOP_SECONDS = 5.0


@dataclass(eq=False, slots=True)
class Agent:
    """One built pipeline. Everything but run() and stop() needs it to be ready."""

    worker: PipelineWorker
    context: LLMContext
    output: CallOutput
    gate: TurnGate
    line: Line
    greeting: dict[str, Any] | None  # the message of what the caller hears first
    empty_turns: EmptyUserTurnConfig = field(default_factory=EmptyUserTurnConfig)

    async def run(self) -> None:
        """Run until the pipeline has ended. Swallows cancellation, as Pipecat does: use stop()."""
        # Never let it near signals: it would replace the server's SIGINT handler for good.
        runner = WorkerRunner(handle_sigint=False, check_dangling_tasks=False)
        try:
            await runner.add_workers(self.worker)
            await runner.run()
        finally:
            _end_dispatch(runner)

    async def stop(self, running: "asyncio.Task[None]") -> None:
        """Cancel the pipeline and wait until `running`, the task of run(), has ended."""
        await self.worker.cancel()
        await asyncio.wait([running], timeout=STOP_SECONDS)
        if not running.done():
            running.cancel()
            await asyncio.wait([running], timeout=STOP_SECONDS)

    def greeting_was_heard(self, text: str) -> None:
        """Let the conversation hold what was heard of the greeting, and no more.

        In place, on the message itself: it stands there from the beginning, so no later message can
        slip before it.
        """
        if self.greeting is None:
            return
        if text:
            self.greeting["content"] = text
        elif self.greeting in self.context.messages:
            self.context.messages.remove(self.greeting)

    async def say(self, text: str) -> None:
        """Speak a sentence in the agent's voice; it enters the conversation as it is heard."""
        await self.worker.queue_frame(TTSSpeakFrame(text))

    async def ask_to_repeat(self, text: str) -> None:
        """Speak a sentence after a turn without a word. Where that has cut a reply off, Pipecat has
        the model ask for the same, 5 s later: not any more, until words come.
        """
        self.empty_turns.max_consecutive_recoveries = 0
        await self.say(text)

    async def say_and_mark(self, text: str) -> "asyncio.Future[PlayMark]":
        """The same, and a future of the mark behind its last audio.

        It stays unresolved when the caller interrupts before all of it was sent.
        """
        mark: asyncio.Future[PlayMark] = asyncio.get_running_loop().create_future()
        if text:
            await self.say(text)
        await self.worker.queue_frame(SpokenFrame(mark))
        return mark

    async def play_clip(self, clip: ClipAudio) -> None:
        """Play a clip the pipeline's way: paced, and with its words in the conversation."""
        await self.output.queue_frame(TTSStartedFrame())
        words, pieces = clip.text.split(), clip.payloads
        for index, payload in enumerate(pieces):
            audio = mulaw.decode(base64.b64decode(payload))
            await self.output.queue_frame(TTSAudioRawFrame(audio, SAMPLE_RATE, 1))
            said = words[
                len(words) * index // len(pieces) : len(words) * (index + 1) // len(pieces)
            ]
            if said:
                text = TTSTextFrame(" ".join(said), text_type="word")
                await self.output.queue_frame(text)
        await self.output.queue_frame(TTSStoppedFrame())
        await self.output.queue_frame(LLMAssistantPushAggregationFrame())

    async def open_conversation(self) -> None:
        """Let the model speak first."""
        message: Any = {"role": "developer", "content": OPEN_THE_CONVERSATION}
        await self.worker.queue_frame(LLMMessagesAppendFrame([message], run_llm=True))

    async def go_on(self) -> None:
        """The caller is back after a broken line: let the model speak."""
        message: Any = {"role": "developer", "content": GO_ON}
        await self.worker.queue_frame(LLMMessagesAppendFrame([message], run_llm=True))

    async def tell(self, system_prompt: str) -> None:
        """Replace the system instruction between turns.

        It waits behind a reply in progress, survives an interruption, and starts no reply.
        """
        delta = OpenAILLMService.Settings(system_instruction=system_prompt)
        await self.worker.queue_frame(LLMUpdateSettingsFrame(delta=delta))

    async def guide(self, text: str) -> None:
        """Tell the model something from its next reply on, which the caller does not hear."""
        message: Any = {"role": "developer", "content": GUIDANCE.format(text=seen(text))}
        frame = LLMMessagesAppendFrame([message], run_llm=False)
        frame.interruptible = False  # or a barge-in would lose it
        await self.worker.queue_frame(frame)

    async def offer(self, tools: Sequence[ToolSpec]) -> None:
        """Offer these tools from the next turn on."""
        frame = LLMSetToolsFrame(tools=function_schemas(tools))
        frame.interruptible = False  # or a barge-in would lose it
        await self.worker.queue_frame(frame)


def _end_dispatch(runner: WorkerRunner) -> None:
    """Of its bus: run() that is interrupted while it stops leaves two tasks that wait for ever. On
    a busy machine 9 of 600 calls did.
    """
    for subscription in runner.bus._subscriptions.values():
        for task in (subscription.router_task, subscription.data_task):
            if task is not None:
                task.cancel()
