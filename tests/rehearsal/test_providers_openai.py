"""The chat completions stand-in, through OpenAI's own client."""

import json
import time
from collections.abc import AsyncIterator

import openai
import pytest
from aiohttp import ClientSession
from openai import AsyncOpenAI
from openai.types.chat import ChatCompletionChunk

from rehearsal.providers.server import RunningProviders
from tests.rehearsal.providers_rig import put, running, url_of

TOOLS = [
    {
        "type": "function",
        "function": {"name": "end_call", "description": "Hang up.", "parameters": {}},
    }
]
HOURS = "You are a receptionist. We are open on Saturday from 9 to 1."


@pytest.fixture
async def providers() -> AsyncIterator[RunningProviders]:
    async with running() as providers:
        yield providers


@pytest.fixture
async def client(providers: RunningProviders) -> AsyncIterator[AsyncOpenAI]:
    url = url_of(providers, "/v1")
    async with AsyncOpenAI(api_key="offline", base_url=url, max_retries=0) as client:
        yield client


def messages(words: str) -> list[dict[str, str]]:
    return [{"role": "system", "content": HOURS}, {"role": "user", "content": words}]


async def streamed(client: AsyncOpenAI, words: str, **options: object) -> list[ChatCompletionChunk]:
    stream = await client.chat.completions.create(
        model="gpt-4.1-mini", messages=messages(words), stream=True, **options
    )
    return [chunk async for chunk in stream]


async def test_it_streams_an_answer_word_by_word(client: AsyncOpenAI) -> None:
    chunks = await streamed(client, "Are you open on Saturday?")
    pieces = [chunk.choices[0].delta.content for chunk in chunks]
    text = "".join(piece for piece in pieces if piece)
    assert text == "Of course. We are open on Saturday from 9 to 1."
    assert len(pieces) >= len(text.split())
    assert chunks[0].choices[0].delta.role == "assistant"
    assert [chunk.choices[0].finish_reason for chunk in chunks][-2:] == [None, "stop"]


async def test_it_says_everywhere_that_it_is_a_script(client: AsyncOpenAI) -> None:
    chunks = await streamed(client, "Are you open on Saturday?")
    assert {chunk.model for chunk in chunks} == {"scripted-receptionist"}
    assert {chunk.system_fingerprint for chunk in chunks} == {"scripted"}
    assert [model.id async for model in client.models.list()] == ["scripted-receptionist"]


async def test_it_streams_a_tool_call_in_fragments(client: AsyncOpenAI) -> None:
    chunks = await streamed(client, "Goodbye.", tools=TOOLS)
    calls = [chunk.choices[0].delta.tool_calls for chunk in chunks]
    parts = [call[0] for call in calls if call]
    assert parts[0].function.name == "end_call"
    assert parts[0].id.startswith("call_")
    assert len(parts) > 3
    arguments = json.loads("".join(part.function.arguments for part in parts))
    assert arguments == {"goodbye": "Thank you for calling. Goodbye."}
    assert chunks[-1].choices[0].finish_reason == "tool_calls"


async def test_it_tells_the_usage_when_asked(client: AsyncOpenAI) -> None:
    chunks = await streamed(client, "Goodbye.", stream_options={"include_usage": True})
    assert chunks[-1].choices == []
    usage = chunks[-1].usage
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens > 0
    assert all(chunk.usage is None for chunk in chunks[:-1])


async def test_it_answers_without_streaming_too(client: AsyncOpenAI) -> None:
    said = await client.chat.completions.create(model="any", messages=messages("Saturday?"))
    assert said.choices[0].message.content == "Of course. We are open on Saturday from 9 to 1."
    called = await client.chat.completions.create(
        model="any", messages=messages("Goodbye."), tools=TOOLS
    )
    assert called.choices[0].finish_reason == "tool_calls"
    assert called.choices[0].message.tool_calls[0].function.name == "end_call"


async def test_it_takes_the_time_it_was_told_to(
    client: AsyncOpenAI, providers: RunningProviders
) -> None:
    await put(providers, "/rehearsal/latency", {"llm_first_token_ms": 150, "llm_token_ms": 10})
    started_at = time.monotonic()
    stream = await client.chat.completions.create(
        model="any", messages=messages("Saturday?"), stream=True
    )
    moments = [time.monotonic() - started_at async for _chunk in stream]
    assert moments[0] >= 0.150
    assert moments[-1] >= 0.150 + 0.010 * (len(moments) - 3)


async def test_it_goes_on_serving_when_a_client_drops_its_answer(
    client: AsyncOpenAI, providers: RunningProviders
) -> None:
    await put(providers, "/rehearsal/latency", {"llm_token_ms": 30})
    stream = await client.chat.completions.create(
        model="any", messages=messages("Saturday?"), stream=True
    )
    await anext(aiter(stream))
    await stream.close()
    await put(providers, "/rehearsal/latency", {})
    assert await streamed(client, "Saturday?")


async def test_it_wants_a_key(providers: RunningProviders) -> None:
    body = {"model": "any", "messages": messages("Hello?")}
    async with (
        ClientSession() as http,
        http.post(url_of(providers, "/v1/chat/completions"), json=body) as response,
    ):
        assert response.status == 401
        assert "key" in (await response.json())["error"]["message"]


@pytest.mark.parametrize(
    ("fault", "error"), [("refuse", openai.APIStatusError), ("error", openai.InternalServerError)]
)
async def test_it_fails_as_it_was_told_to(
    client: AsyncOpenAI, providers: RunningProviders, fault: str, error: type[Exception]
) -> None:
    await put(providers, "/rehearsal/faults", {"llm": fault})
    with pytest.raises(error):
        await streamed(client, "Hello?")


async def test_it_falls_silent_as_it_was_told_to(
    client: AsyncOpenAI, providers: RunningProviders
) -> None:
    await put(providers, "/rehearsal/faults", {"llm": "silent"})
    with pytest.raises(openai.APITimeoutError):
        await streamed(client.with_options(timeout=0.2), "Hello?")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"model": "any", "messages": []},
        {"model": "any", "messages": ["hello"]},
        {"messages": [{"role": "user", "content": "hello"}]},
        {"model": "any", "messages": [{"role": "user", "content": "hello"}], "tools": [1]},
    ],
)
async def test_it_refuses_nonsense_as_openai_does(client: AsyncOpenAI, body: object) -> None:
    with pytest.raises(openai.BadRequestError):
        await client.post("/chat/completions", body=body, cast_to=object)


async def test_it_logs_what_was_asked_without_the_key(
    client: AsyncOpenAI, providers: RunningProviders
) -> None:
    await streamed(client, "Saturday?", tools=TOOLS)
    (entry,) = providers.log.entries("llm")
    assert entry.body["messages"] == messages("Saturday?")
    assert entry.body["tools"] == TOOLS
    assert "offline" not in str(entry.document())
