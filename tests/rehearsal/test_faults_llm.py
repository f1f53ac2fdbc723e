"""What can go wrong with the model, as OpenAI's own client sees it."""

import asyncio
import time
from collections.abc import AsyncIterator

import openai
import pytest
from openai import AsyncOpenAI
from openai.types.chat import ChatCompletionChunk

from rehearsal.providers.server import RunningProviders
from tests.rehearsal.providers_rig import put, running, url_of

MESSAGES = [{"role": "user", "content": "Are you open on Saturday?"}]


@pytest.fixture
async def providers() -> AsyncIterator[RunningProviders]:
    async with running() as providers:
        yield providers


@pytest.fixture
async def client(providers: RunningProviders) -> AsyncIterator[AsyncOpenAI]:
    url = url_of(providers, "/v1")
    async with AsyncOpenAI(api_key="offline", base_url=url, max_retries=0) as client:
        yield client


async def break_llm(providers: RunningProviders, **fault: object) -> None:
    await put(providers, "/rehearsal/faults", {"llm": fault})


async def ask(client: AsyncOpenAI, model: str = "any") -> list[ChatCompletionChunk]:
    stream = await client.chat.completions.create(model=model, messages=MESSAGES, stream=True)
    return [chunk async for chunk in stream]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("limited", openai.RateLimitError),
        ("error500", openai.InternalServerError),
        ("refuse", openai.InternalServerError),
        ("unauthorized", openai.AuthenticationError),
    ],
)
async def test_it_is_refused(
    client: AsyncOpenAI, providers: RunningProviders, fault: str, error: type[Exception]
) -> None:
    await break_llm(providers, fault=fault)
    with pytest.raises(error):
        await ask(client)


async def test_its_first_byte_is_late(client: AsyncOpenAI, providers: RunningProviders) -> None:
    await break_llm(providers, fault="slow", ms=120, times=1)
    began = time.monotonic()
    await ask(client)
    assert time.monotonic() - began >= 0.12
    began = time.monotonic()
    await ask(client)
    assert time.monotonic() - began < 0.12


@pytest.mark.parametrize("after", [0, 3])
async def test_it_breaks_off_after_some_tokens(
    client: AsyncOpenAI, providers: RunningProviders, after: int
) -> None:
    await break_llm(providers, fault="drop", after=after)
    stream = await client.chat.completions.create(model="any", messages=MESSAGES, stream=True)
    words = []
    # What the client raises depends on its HTTP library; that it raises is what counts.
    with pytest.raises(Exception, match="(?i)connection|peer|incomplete|read"):
        async for chunk in stream:
            words.append(chunk.choices[0].delta.content)
    assert len([word for word in words if word]) == after
    await put(providers, "/rehearsal/faults", {})
    assert len(await ask(client)) > 5, "and goes on serving"


async def test_an_answer_in_one_piece_breaks_off_too(
    client: AsyncOpenAI, providers: RunningProviders
) -> None:
    await break_llm(providers, fault="drop")
    with pytest.raises(openai.APIConnectionError):
        await client.chat.completions.create(model="any", messages=MESSAGES)


@pytest.mark.parametrize("stream", [True, False])
async def test_it_makes_no_sense(
    client: AsyncOpenAI, providers: RunningProviders, stream: bool
) -> None:
    await break_llm(providers, fault="garbage")
    with pytest.raises((ValueError, TypeError, AttributeError)):
        found = await client.chat.completions.create(model="any", messages=MESSAGES, stream=stream)
        if stream:
            async for chunk in found:
                chunk.choices[0]
        else:
            found.choices[0]


async def test_only_one_model_is_broken(client: AsyncOpenAI, providers: RunningProviders) -> None:
    await break_llm(providers, fault="refuse", model="gpt-first")
    with pytest.raises(openai.APIStatusError):
        await ask(client, "gpt-first")
    assert await ask(client, "gpt-second")


async def test_a_retry_is_served_when_only_the_first_request_fails(
    client: AsyncOpenAI, providers: RunningProviders
) -> None:
    await break_llm(providers, fault="error500", times=1)
    assert await ask(client.with_options(max_retries=1))


async def test_it_answers_only_so_many_at_once(
    client: AsyncOpenAI, providers: RunningProviders
) -> None:
    await put(providers, "/rehearsal/latency", {"llm_first_token_ms": 100})
    await put(providers, "/rehearsal/faults", {"llm": {"most": 2}})
    answers = await asyncio.gather(*(ask(client) for _ in range(4)), return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, openai.RateLimitError)]
    assert len(refused) == 2
    line = providers.backstage.traffic.document()["llm"]
    assert line == {"open": 0, "most_open": 2, "came": 4, "most_came_in_a_second": 4}
