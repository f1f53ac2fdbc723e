"""Which STT, LLM and TTS, and what exactly reaches their wires.

Everything goes through `settings=`: Pipecat swallows other keyword arguments without a word.
"""

import asyncio
import functools
from collections.abc import Sequence
from typing import Any

import httpx2
from django.conf import settings
from openai import AsyncOpenAI, DefaultAsyncHttpxClient
from pipecat.frames.frames import (
    Frame,
    FunctionCallFromLLM,
    FunctionCallsStartedFrame,
    LLMContextFrame,
    LLMTextFrame,
    VADUserStartedSpeakingFrame,
    VADUserStoppedSpeakingFrame,
)
from pipecat.processors.frame_processor import FrameDirection
from pipecat.services.cartesia.stt import CartesiaSTTService
from pipecat.services.cartesia.tts import CartesiaTTSService
from pipecat.services.llm_service import FunctionCallParams
from pipecat.services.openai.llm import OpenAILLMService

from calls.pipeline.line import Line
from calls.pipeline.tools import (
    MOST_IN_A_REPLY,
    MOST_RUNS_IN_A_TURN,
    run_function,
    runs_since_the_caller_spoke,
    say_sorry,
    tool_names,
)
from calls.pipeline.transport import SAMPLE_RATE
from catalog.snapshot import AgentSpec

OFFLINE_KEY = "offline"  # what the offline providers are told; they check no key
TOOL_TIMEOUT_SECONDS = 15.0  # the last resort: without one, a tool that never answers is silence
FLUSH_DONE_SECONDS = 0.6  # a `flush_done` later than this is not waited for: no word may be lost
LLM_TIMEOUT = httpx2.Timeout(connect=3.0, read=15.0, write=5.0, pool=3.0)


@functools.cache
def openai_client() -> AsyncOpenAI:
    """One client for all calls of this process: each builds a TLS context, 35-50 ms of CPU."""
    return AsyncOpenAI(
        api_key=settings.OPENAI_API_KEY or OFFLINE_KEY,
        base_url=settings.OPENAI_BASE_URL,
        max_retries=1,
        http_client=DefaultAsyncHttpxClient(
            timeout=LLM_TIMEOUT,
            limits=httpx2.Limits(max_keepalive_connections=100, max_connections=1_000),
        ),
    )


class CallLLM(OpenAILLMService):
    """OpenAI through the shared client; tells the session when a reply's first token arrives."""

    def __init__(self, line: Line, system_prompt: str) -> None:
        super().__init__(
            api_key=settings.OPENAI_API_KEY or OFFLINE_KEY,
            base_url=settings.OPENAI_BASE_URL,
            settings=self.Settings(
                model=settings.OPENAI_MODEL, system_instruction=system_prompt, temperature=0.3
            ),
            function_call_timeout_secs=TOOL_TIMEOUT_SECONDS,
        )
        self._line = line
        self._asked_at = 0  # how often the caller had interrupted when the reply was asked for
        self._called_at: dict[str, int] = {}
        # By no name: every request comes here, also for a tool that does not exist.
        self.register_function(None, self._run_function)

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        if isinstance(frame, LLMContextFrame):
            self._asked_at = self._line.interruptions
            self._line.model_asked(tool_names(frame.context))
        await super().process_frame(frame, direction)

    async def run_function_calls(self, function_calls: Sequence[FunctionCallFromLLM]) -> None:
        if not function_calls:  # Pipecat has dropped them all: their arguments are no JSON.
            self._line.milestone("tool request unreadable")
            await say_sorry(self, self._line)
            return
        if runs_since_the_caller_spoke(function_calls[0].context) >= MOST_RUNS_IN_A_TURN:
            self._line.milestone("too many tools")
            await say_sorry(self, self._line)
            return
        begun = function_calls[:MOST_IN_A_REPLY]
        for call in begun:
            self._called_at[call.tool_call_id] = self._asked_at
        await super().run_function_calls(begun)

    async def _run_function(self, params: FunctionCallParams) -> None:
        asked_at = self._called_at.pop(params.tool_call_id, -1)
        await run_function(params, self._line, interrupted=asked_at != self._line.interruptions)

    def create_client(self, *args: Any, **kwargs: Any) -> AsyncOpenAI:
        return openai_client()

    async def push_frame(
        self, frame: Frame, direction: FrameDirection = FrameDirection.DOWNSTREAM
    ) -> None:
        if isinstance(frame, LLMTextFrame | FunctionCallsStartedFrame):
            self._line.model_answered()
        await super().push_frame(frame, direction)


class CallSTT(CartesiaSTTService):
    """Cartesia STT whose finals are confirmed by `flush_done`.

    The stock service never marks a final as finalized, so every turn waits out the vendor's p99
    of 0.81 s. We hold the finals that follow our `finalize` until `flush_done` says that nothing
    more will come, and pass them on as one, marked: 350-400 ms saved in every turn.
    """

    def __init__(self, agent: AgentSpec) -> None:
        super().__init__(
            api_key=settings.CARTESIA_API_KEY or OFFLINE_KEY,
            base_url=settings.CARTESIA_BASE_URL,
            sample_rate=SAMPLE_RATE,
            # The endpoint documents ISO 639-1: "pt-BR" is "pt" to it.
            settings=self.Settings(
                model=settings.CARTESIA_STT_MODEL, language=agent.language.split("-")[0]
            ),
        )
        self._flushing = False
        self._held_finals: list[dict[str, Any]] = []
        self._holding: asyncio.Task[None] | None = None

    async def cleanup(self) -> None:
        await self._stop_holding()
        await super().cleanup()

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        if isinstance(frame, VADUserStoppedSpeakingFrame):
            self._flushing = True
            self.request_finalize()
        elif isinstance(frame, VADUserStartedSpeakingFrame):
            await self._release_finals()
        await super().process_frame(frame, direction)

    async def _process_response(self, data: dict[str, Any]) -> None:
        kind = data.get("type")
        if kind == "transcript" and data.get("is_final") and self._flushing:
            self._held_finals.append(data)
            if self._holding is None:
                self._holding = self.create_task(self._hold_no_longer_than(FLUSH_DONE_SECONDS))
        elif kind == "flush_done":
            self.confirm_finalize()
            await self._release_finals()
        else:
            await super()._process_response(data)

    async def _hold_no_longer_than(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        self._holding = None
        await self._release_finals()

    async def _stop_holding(self) -> None:
        if self._holding is not None:
            holding, self._holding = self._holding, None
            await self.cancel_task(holding)

    async def _release_finals(self) -> None:
        """Pass on what was held, as one final: the parts are deltas, their spaces significant."""
        await self._stop_holding()
        self._flushing = False
        held, self._held_finals = self._held_finals, []
        text = "".join(str(final.get("text", "")) for final in held)
        if text.strip():
            await self._on_transcript({**held[-1], "text": text})


def make_tts(agent: AgentSpec) -> CartesiaTTSService:
    return CartesiaTTSService(
        api_key=settings.CARTESIA_API_KEY or OFFLINE_KEY,
        url=f"{settings.CARTESIA_BASE_URL}/tts/websocket",
        sample_rate=SAMPLE_RATE,
        settings=CartesiaTTSService.Settings(
            model=settings.CARTESIA_TTS_MODEL,
            voice=agent.voice_id or settings.CARTESIA_VOICE_ID,
            language=agent.language,
        ),
    )
