"""Do once, before the first call, what is slow the first time."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any

import httpx2
import numpy as np
from openai import AsyncOpenAI

from calls.line import CallLine
from calls.pipeline.build import build_agent
from calls.pipeline.echo import SEARCHED, WINDOW, likeness
from calls.pipeline.models import speech_models
from calls.pipeline.providers import openai_client
from calls.pipeline.stt_routes import stt_routes
from calls.pipeline.transport import SAMPLE_RATE
from calls.pipeline.tts import tts_routes
from calls.pipeline.vendor_socket import tls_of
from calls.playout import Playout
from calls.session_tools import SessionTools
from calls.timing import CallClock, Timings
from catalog import warmup as catalog_warmup
from catalog.tools_on_offer import tools_on_offer

FIRST_RESPONSE = (
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
    'data: {"id":"0","object":"chat.completion.chunk","created":0,"model":"none",'
    '"choices":[{"index":0,"delta":{"role":"assistant","content":"Hello."},"finish_reason":null}]}'
    "\n\ndata: [DONE]\n\n"
)

ANSWER_SECONDS = 5.0


def speech_models_once() -> None:
    """Load both models and let each decide once; and compare an echo, of nothing."""
    models = speech_models()
    vad = models.vad()
    vad.set_sample_rate(SAMPLE_RATE)
    vad.voice_confidence(bytes(2 * vad.num_frames_required()))
    models.turn_analyzer()._predict_endpoint(np.zeros(SAMPLE_RATE, dtype=np.float32))
    likeness(np.zeros(WINDOW, dtype=np.float32), np.zeros(SEARCHED, dtype=np.float32))


def openai_once() -> None:
    """Build the shared client; then let a client like it read one answer, of a server in here.

    The first request of a process costs 185-200 ms of imports.
    """
    openai_client()
    _in_a_loop_of_its_own(_read_one_answer)


async def _read_one_answer() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(FIRST_RESPONSE.encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with (
        server,
        asyncio.timeout(ANSWER_SECONDS),
        # Not by the proxy that the environment may name.
        httpx2.AsyncClient(trust_env=False) as http_client,
        AsyncOpenAI(
            api_key="none", base_url=f"http://127.0.0.1:{port}/v1", http_client=http_client
        ) as client,
    ):
        stream = await client.chat.completions.create(
            model="none", messages=[{"role": "user", "content": "Hello?"}], stream=True
        )
        async for _chunk in stream:
            pass


def pipeline_once() -> None:
    """Build the pipeline of the default agent, and throw it away unconnected."""
    _in_a_loop_of_its_own(_build_one)


async def _build_one() -> None:
    snapshot = catalog_warmup.current()
    spec = next(iter(snapshot.agents.values()), None)
    if spec is None:
        return
    playout = Playout("MZ0", _send_nothing)
    tools = SessionTools(spec, None)
    build_agent(
        spec,
        line=CallLine("CA0", playout, CallClock(), Timings(), tools),
        system_prompt=spec.prompt.text,
        tools=tools_on_offer(snapshot, spec, spec.tools_later),
        greeting_text=spec.greeting_text,
    )
    for route in (*stt_routes(spec), *tts_routes(spec)):
        tls_of(route.url)


async def _send_nothing(_text: str) -> None:
    """There is nobody to send to."""


def _in_a_loop_of_its_own(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    # uvicorn imports the application inside its running loop, where asyncio.run() is refused.
    failures: list[BaseException] = []

    def run() -> None:
        try:
            asyncio.run(work())
        except BaseException as failure:
            failures.append(failure)

    thread = threading.Thread(target=run, name="priming")
    thread.start()
    thread.join()
    if failures:
        raise failures[0]
