"""A tool that a reply asks for knows whether the caller has cut that reply off."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from openai import AsyncOpenAI
from pipecat.frames.frames import LLMContextFrame
from pipecat.processors.aggregators.llm_context import LLMContext

from calls.pipeline import providers
from calls.pipeline.providers import CallLLM
from tests.calls.pipeline.fake_line import FakeLine
from tests.calls.pipeline.running import running


def chunk(delta: dict[str, Any]) -> bytes:
    document = {
        "id": "0",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": "m",
        "choices": [{"index": 0, "delta": delta, "finish_reason": None}],
    }
    return f"data: {json.dumps(document)}\n\n".encode()


class SlowModel(httpx2.AsyncByteStream):
    """Asks for one tool: its name at once, its arguments when it is let."""

    def __init__(self, tool: str) -> None:
        self.tool = tool
        self.named = asyncio.Event()
        self.may_go_on = asyncio.Event()

    def client(self) -> AsyncOpenAI:
        headers = {"content-type": "text/event-stream"}
        transport = httpx2.MockTransport(
            lambda _request: httpx2.Response(200, headers=headers, stream=self)
        )
        return AsyncOpenAI(
            api_key="none",
            base_url="http://model.example.org/v1",
            http_client=httpx2.AsyncClient(transport=transport),
        )

    async def __aiter__(self) -> AsyncIterator[bytes]:
        function = {"name": self.tool, "arguments": ""}
        call = {"index": 0, "id": "call-1", "type": "function", "function": function}
        yield chunk({"role": "assistant", "tool_calls": [call]})
        self.named.set()
        await self.may_go_on.wait()
        yield chunk({"tool_calls": [{"index": 0, "function": {"arguments": "{}"}}]})
        yield b"data: [DONE]\n\n"


@pytest.mark.parametrize("tool", ["end_call", "transfer_call"])
@pytest.mark.parametrize("interrupts", [False, True])
async def test_a_tool_of_a_reply_that_was_interrupted_meanwhile_is_told_so(
    monkeypatch: pytest.MonkeyPatch, tool: str, interrupts: bool
) -> None:
    model, line = SlowModel(tool), FakeLine()
    monkeypatch.setattr(providers, "openai_client", model.client)
    async with running(CallLLM(line, "You are the receptionist.")) as pipeline:
        await pipeline.send(LLMContextFrame(LLMContext([{"role": "user", "content": "Bye."}])))
        async with asyncio.timeout(5.0):
            await model.named.wait()
            line.interruptions += interrupts
            model.may_go_on.set()
            while not (asked := [it for it in line.told if it[0] == "tool"]):
                await asyncio.sleep(0.01)
    assert asked == [("tool", tool, {}, interrupts)]
