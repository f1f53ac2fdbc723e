"""Which model, and what exactly reaches its wire.

Everything goes through `settings=`: Pipecat swallows other keyword arguments without a word.
"""

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
    StartFrame,
)
from pipecat.metrics.metrics import LLMTokenUsage
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.frame_processor import FrameDirection
from pipecat.services.llm_service import FunctionCallParams
from pipecat.services.openai.llm import OpenAILLMService

from calls.circuit import circuits
from calls.pipeline.line import Line
from calls.pipeline.reply_stream import ModelRoute, ReplyStream
from calls.pipeline.tools import (
    MOST_IN_A_REPLY,
    MOST_RUNS_IN_A_TURN,
    run_function,
    runs_since_the_caller_spoke,
    say_sorry,
    tool_names,
)
from calls.pipeline.tts import OFFLINE_KEY

TOOL_TIMEOUT_SECONDS = 15.0  # the last resort: without one, a tool that never answers is silence
LLM_TIMEOUT = httpx2.Timeout(connect=3.0, read=15.0, write=5.0, pool=3.0)


@functools.cache
def openai_client() -> AsyncOpenAI:
    """One client for all calls of this process: each builds a TLS context, 35-50 ms of CPU."""
    return _client(settings.OPENAI_BASE_URL, settings.OPENAI_API_KEY)


@functools.cache
def fallback_client() -> AsyncOpenAI | None:
    other = settings.FALLBACKS.llm
    return None if other is None else _client(other.base_url, other.api_key)


def _client(base_url: str, key: str) -> AsyncOpenAI:
    return AsyncOpenAI(
        api_key=key or OFFLINE_KEY,
        base_url=base_url,
        max_retries=0,  # ReplyStream asks again, within the caller's patience
        http_client=DefaultAsyncHttpxClient(
            timeout=LLM_TIMEOUT,
            limits=httpx2.Limits(max_keepalive_connections=100, max_connections=1_000),
        ),
    )


class CallLLM(OpenAILLMService):
    """OpenAI through the shared client; tells the session when a reply's first token arrives, and
    what the reply used.
    """

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

    async def start(self, frame: StartFrame) -> None:
        await super().start(frame)
        self._line.milestone("llm connected")  # nothing to connect: the client's is kept open

    async def start_llm_usage_metrics(self, tokens: LLMTokenUsage) -> None:
        # Pipecat's own way, metrics frames, would send one through every processor of the call.
        self._line.used(
            read=tokens.prompt_tokens,
            cached=tokens.cache_read_input_tokens or 0,
            written=tokens.completion_tokens,
        )

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        if isinstance(frame, LLMContextFrame):
            self._asked_at = self._line.interruptions
            self._line.model_asked(tool_names(frame.context))
        await super().process_frame(frame, direction)

    async def get_chat_completions(self, context: LLMContext) -> Any:
        """In place of one request without a deadline: asked again, and elsewhere, if need be."""
        usual: Any = self._settings
        given = await self.get_llm_adapter().get_llm_invocation_params(
            context,
            system_instruction=usual.system_instruction,
            convert_developer_to_user=not self.supports_developer_role,
        )
        params = self.build_chat_completion_params(given)
        return ReplyStream(params, self._routes(), self._line.stumbled).chunks()

    def _routes(self) -> tuple[ModelRoute, ...]:
        usual = ModelRoute("llm", settings.OPENAI_MODEL, self._client, circuits.of("llm"))
        client, other = fallback_client(), settings.FALLBACKS.llm
        if client is None or other is None:
            return (usual,)
        name = "llm fallback"
        return usual, ModelRoute(name, other.model, client, circuits.of(name))

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
