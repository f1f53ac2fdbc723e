"""The published bot: one pipeline for each call, built when its stream has started.

As published: 8 kHz both ways, metrics on, a Silero analyzer for each call, Pipecat's own turn
strategies (smart turn), RTVI and observers as they are by default, hang-up over Twilio's REST API,
a collection after each call. What differs:

- Cartesia hears and OpenAI thinks, in place of Deepgram and Gemini: the product's vendors.
- The greeting is a clip, queued through the pipeline as a recorded sound, in place of a sentence
  that the model makes up: it spares this side a request and a synthesis.
- Calls are not recorded and not looked up over REST, since the product does neither here.
- The serializer is given the address of the offline Twilio, which `create_transport` cannot do.
"""

import os
import time
from typing import Any

from fastapi import WebSocket
from pipecat.audio.vad.silero import SileroVADAnalyzer
from pipecat.frames.frames import OutputAudioRawFrame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import (
    LLMContextAggregatorPair,
    LLMUserAggregatorParams,
)
from pipecat.runner.utils import parse_telephony_websocket
from pipecat.serializers.twilio import TwilioFrameSerializer
from pipecat.services.cartesia.stt import CartesiaSTTService
from pipecat.services.cartesia.tts import CartesiaTTSService
from pipecat.services.openai.llm import OpenAILLMService
from pipecat.transports.websocket.fastapi import FastAPIWebsocketParams, FastAPIWebsocketTransport
from pipecat.workers.runner import WorkerRunner

from benchmarks.load import greeting
from benchmarks.load.probe import probe

KEY = "a-key"
IDLE_SECONDS = 300  # of the runner's arguments
CLIP = greeting.pcm()


async def bot(websocket: WebSocket) -> None:
    """One call."""
    _, call = await parse_telephony_websocket(websocket)
    started_at = time.monotonic()
    serializer = TwilioFrameSerializer(
        stream_sid=call["stream_id"],
        call_sid=call["call_id"],
        account_sid=os.environ["TWILIO_ACCOUNT_SID"],
        auth_token=os.environ["TWILIO_AUTH_TOKEN"],
        base_url=os.environ["TWILIO_API_BASE_URL"],
    )
    transport = FastAPIWebsocketTransport(
        websocket=websocket,
        params=FastAPIWebsocketParams(
            audio_in_enabled=True,
            audio_out_enabled=True,
            add_wav_header=False,
            serializer=serializer,
        ),
    )
    worker = _worker(transport)

    @transport.event_handler("on_client_connected")
    async def connected(_transport: Any, _client: Any) -> None:
        await worker.queue_frame(OutputAudioRawFrame(CLIP, greeting.RATE, 1))

    @transport.event_handler("on_client_disconnected")
    async def disconnected(_transport: Any, _client: Any) -> None:
        await worker.cancel()

    @worker.event_handler("on_pipeline_started")
    async def started(_worker: Any, _frame: Any) -> None:
        probe.ready((time.monotonic() - started_at) * 1000.0)

    runner = WorkerRunner(handle_sigint=False, force_gc=True)
    await runner.add_workers(worker)
    await runner.run()


def _worker(transport: FastAPIWebsocketTransport) -> PipelineWorker:
    providers = os.environ["OFFLINE_PROVIDERS_URL"]
    sockets = f"ws{providers.removeprefix('http')}"
    stt = CartesiaSTTService(
        api_key=KEY,
        base_url=sockets,
        settings=CartesiaSTTService.Settings(model=greeting.STT_MODEL, language="en"),
    )
    llm = OpenAILLMService(
        api_key=KEY,
        base_url=f"{providers}/v1",
        settings=OpenAILLMService.Settings(
            model=greeting.MODEL, system_instruction=greeting.PROMPT
        ),
    )
    tts = CartesiaTTSService(
        api_key=KEY,
        url=f"{sockets}/tts/websocket",
        settings=CartesiaTTSService.Settings(model=greeting.TTS_MODEL, voice=greeting.VOICE),
    )
    context = LLMContext([{"role": "assistant", "content": greeting.TEXT}])
    user, assistant = LLMContextAggregatorPair(
        context, user_params=LLMUserAggregatorParams(vad_analyzer=SileroVADAnalyzer())
    )
    return PipelineWorker(
        Pipeline([transport.input(), stt, user, llm, tts, transport.output(), assistant]),
        params=PipelineParams(
            audio_in_sample_rate=greeting.RATE,
            audio_out_sample_rate=greeting.RATE,
            enable_metrics=True,
            enable_usage_metrics=True,
        ),
        idle_timeout_secs=IDLE_SECONDS,
    )
