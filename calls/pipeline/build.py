"""The processors of a call, in order, on one screen."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from pipecat.frames.frames import ErrorFrame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import (
    AssistantTurnStoppedMessage,
    LLMContextAggregatorPair,
    LLMUserAggregatorParams,
    UserTurnStoppedMessage,
)
from pipecat.processors.frame_processor import FrameProcessor
from pipecat.turns.empty_user_turn import EmptyUserTurnConfig
from pipecat.turns.user_stop import (
    BaseUserTurnStopStrategy,
    SpeechTimeoutUserTurnStopStrategy,
    TurnAnalyzerUserTurnStopStrategy,
)
from pipecat.turns.user_turn_strategies import UserTurnStrategies
from pipecat.utils.errors import ErrorCategory

from calls.pipeline import tracing
from calls.pipeline.agent import Agent
from calls.pipeline.echo import LATEST_ECHO_SECONDS
from calls.pipeline.line import Line
from calls.pipeline.models import SpeechModels, speech_models
from calls.pipeline.providers import CallLLM
from calls.pipeline.stt import CallSTT
from calls.pipeline.tools import function_schemas
from calls.pipeline.transport import SAMPLE_RATE, CallInput, CallOutput
from calls.pipeline.tts import CallTTS
from calls.pipeline.turn_gate import TurnGate
from calls.pipeline.warm_sockets import WarmSockets
from catalog.snapshot import AgentSpec
from catalog.tools.registry import ToolSpec

PROVIDER_NAMES = {"CallSTT": "stt", "CallLLM": "llm", "CallTTS": "tts"}


def build_agent(
    spec: AgentSpec,
    *,
    line: Line,
    system_prompt: str,
    tools: Sequence[ToolSpec],
    greeting_text: str | None,
    earlier: Sequence[Mapping[str, Any]] = (),
    warm_sockets: WarmSockets | None = None,
) -> Agent:
    """Build the pipeline of one call. Nothing else is connected before run().

    `earlier` is the conversation of a call that is resumed. `warm_sockets` are taken.
    """
    greeting: Any = {"role": "assistant", "content": greeting_text} if greeting_text else None
    said: list[Any] = [*earlier, greeting] if greeting else [*earlier]
    context = LLMContext(said, tools=function_schemas(tools))
    empty_turns = EmptyUserTurnConfig()
    user, assistant = LLMContextAggregatorPair(
        context, user_params=_user_params(speech_models(), line, empty_turns)
    )
    gate = TurnGate(line)
    stt, tts = CallSTT(line, spec, warm_sockets), CallTTS(line, spec, warm_sockets)
    llm = CallLLM(line, system_prompt)
    output = CallOutput(line)
    processors = [
        CallInput(line),
        stt,  # before the aggregator, whose VAD tells it upstream when to flush
        user,  # VAD, turns, barge-in
        gate,  # holds the model while a protected greeting plays
        llm,
        tts,
        output,
        assistant,  # behind the output: it commits the words that were played
    ]
    worker = _worker(processors, line.call_sid)
    _report(line, worker, assistant)
    _report_words(line, user, empty_turns)
    _report_connections(line, stt, tts)
    return Agent(worker, context, output, gate, line, greeting, empty_turns)


def _worker(processors: list[FrameProcessor], call_sid: str) -> PipelineWorker:
    traced = tracing.begin(call_sid)
    return PipelineWorker(
        Pipeline(processors),
        params=PipelineParams(
            audio_in_sample_rate=SAMPLE_RATE,
            audio_out_sample_rate=SAMPLE_RATE,
            enable_metrics=traced,  # times to the first byte, which the spans carry
            enable_usage_metrics=traced,
        ),
        # Pointless on a phone, 2 % of CPU, and its messages would go to Twilio.
        enable_rtvi=False,
        enable_turn_tracking=traced,
        enable_tracing=traced,
        conversation_id=call_sid,
        # A caller on hold for five minutes is no reason to hang up; the session has the limits.
        idle_timeout_secs=None,
        cancel_timeout_secs=5,
        check_dangling_tasks=False,
    )


def _user_params(
    models: SpeechModels, line: Line, empty_turns: EmptyUserTurnConfig
) -> LLMUserAggregatorParams:
    stop: BaseUserTurnStopStrategy
    if settings.TURN_DETECTION == "smart":
        stop = TurnAnalyzerUserTurnStopStrategy(turn_analyzer=models.turn_analyzer())
    else:
        stop = SpeechTimeoutUserTurnStopStrategy(user_speech_timeout=0.6)
    return LLMUserAggregatorParams(
        vad_analyzer=models.vad(lambda: line.playout.quiet_seconds < LATEST_ECHO_SECONDS),
        user_turn_strategies=UserTurnStrategies(stop=[stop]),
        empty_user_turn=empty_turns,
    )


def _report(line: Line, worker: PipelineWorker, assistant: Any) -> None:
    """Pass on to the session what Pipecat tells by events."""

    @worker.event_handler("on_pipeline_started")
    async def started(_worker: Any, _frame: Any) -> None:
        line.agent_is_ready()

    @worker.event_handler("on_pipeline_error")
    async def failed(_worker: Any, frame: ErrorFrame) -> None:
        provider = PROVIDER_NAMES.get(type(frame.processor).__name__, "pipeline")
        for_good = frame.processor is not None and not frame.processor.is_usable
        if frame.category is not ErrorCategory.APPLICATION:  # a tool's fault is no provider's
            line.provider_failed(provider, str(frame.category), for_good=for_good)

    @assistant.event_handler("on_assistant_turn_stopped")
    async def agent_said(_assistant: Any, message: AssistantTurnStoppedMessage) -> None:
        if message.content:
            line.agent_said(message.content, interrupted=message.interrupted)


def _report_words(line: Line, user: Any, empty_turns: EmptyUserTurnConfig) -> None:
    usual = empty_turns.max_consecutive_recoveries

    @user.event_handler("on_user_turn_stopped")
    async def caller_said(_user: Any, _strategy: Any, message: UserTurnStoppedMessage) -> None:
        if message.content:
            empty_turns.max_consecutive_recoveries = usual
            line.caller_said(message.content)


def _report_connections(line: Line, stt: CallSTT, tts: CallTTS) -> None:
    """Their sockets are open. Also after each time that one was lost."""

    @stt.event_handler("on_connected")
    async def stt_connected(_stt: Any) -> None:
        line.milestone("stt connected")

    @tts.event_handler("on_connected")
    async def tts_connected(_tts: Any) -> None:
        line.milestone("tts connected")
