"""The model's reply comes whole, whatever becomes of the first requests for it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx2
import pytest
from openai import AsyncOpenAI

from calls.circuit import FAILURES, Circuit
from calls.pipeline import reply_stream
from calls.pipeline.reply_stream import ModelRoute, ModelUnavailable, ReplyStream

PARAMS: dict[str, Any] = {
    "model": "usual",
    "stream": True,
    "messages": [{"role": "user", "content": "When do you open?"}],
}
Answer = Callable[[], httpx2.Response]


def event(**delta: Any) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": None}
    return _data({"choices": [choice]})


def finished(reason: str = "stop") -> bytes:
    return (
        _data({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})
        + b"data: [DONE]\n\n"
    )


def _data(document: dict[str, Any]) -> bytes:
    whole = {"id": "0", "object": "chat.completion.chunk", "created": 0, "model": "m", **document}
    return b"data: " + json.dumps(whole).encode() + b"\n\n"


class Body(httpx2.AsyncByteStream):
    """Pieces of an answer; None stalls, an exception breaks the connection."""

    def __init__(self, *pieces: bytes | Exception | None) -> None:
        self._pieces = pieces

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            if piece is None:
                await asyncio.sleep(30.0)
            elif isinstance(piece, Exception):
                raise piece
            else:
                yield piece


def answer(*pieces: bytes | Exception | None) -> Answer:
    headers = {"content-type": "text/event-stream"}
    return lambda: httpx2.Response(200, headers=headers, stream=Body(*pieces))


def status(code: int) -> Answer:
    return lambda: httpx2.Response(code, json={"error": {"message": "no", "type": "x"}})


WHOLE = answer(event(content="At "), event(content="nine."), finished())
CUT = httpx2.RemoteProtocolError("cut")


class Vendor:
    """Answers one request after the other as told, and keeps what it was asked."""

    def __init__(self, *answers: Answer, name: str = "llm") -> None:
        self.asked: list[dict[str, Any]] = []
        self._answers = list(answers)
        client = AsyncOpenAI(
            api_key="none",
            base_url="http://model.example.org/v1",
            max_retries=0,
            http_client=httpx2.AsyncClient(transport=httpx2.MockTransport(self._answer)),
        )
        self.route = ModelRoute(name, f"model of {name}", client, Circuit(name))

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(json.loads(request.content))
        return self._answers.pop(0)()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FIRST_TOKEN_SECONDS", "STALL_SECONDS"):
        monkeypatch.setattr(reply_stream, name, 0.8)
    monkeypatch.setattr(reply_stream, "BEFORE_THE_RETRY_SECONDS", (0.0, 0.0))


async def reply(*vendors: Vendor) -> tuple[str, list[tuple[str, str]]]:
    stumbles: list[tuple[str, str]] = []
    stream = ReplyStream(
        PARAMS,
        [vendor.route for vendor in vendors],
        lambda route, reason: stumbles.append((route, reason)),
    )
    text = ""
    async for chunk in stream.chunks():
        if chunk.choices and chunk.choices[0].delta.content:
            text += chunk.choices[0].delta.content
    return text, stumbles


async def test_a_good_reply_is_passed_on_and_asked_for_once() -> None:
    vendor = Vendor(WHOLE)
    assert await reply(vendor) == ("At nine.", [])
    assert [it["model"] for it in vendor.asked] == ["model of llm"]


@pytest.mark.parametrize(
    "fault",
    [
        status(429),
        status(500),
        status(503),
        answer(None),
        answer(CUT),
        answer(b"data: {nonsense\n\n"),
        answer(b"data: 5\n\n"),
        answer(b'data: {"error": {"message": "no"}}\n\n'),
        answer(finished()),
    ],
    ids=["429", "500", "503", "silent", "cut", "no JSON", "a number", "an error", "empty"],
)
async def test_what_fails_is_asked_for_once_more(fault: Answer) -> None:
    text, stumbles = await reply(Vendor(fault, WHOLE))
    assert text == "At nine."
    assert [route for route, _ in stumbles] == ["llm"]


async def test_the_fallback_answers_after_two_failures() -> None:
    usual, other = Vendor(status(500), answer(None)), Vendor(WHOLE, name="llm fallback")
    text, stumbles = await reply(usual, other)
    assert text == "At nine."
    assert [route for route, _ in stumbles] == ["llm", "llm"]
    assert other.asked[0]["model"] == "model of llm fallback"


async def test_a_wrong_key_is_not_tried_twice() -> None:
    usual, other = Vendor(status(401)), Vendor(WHOLE, name="llm fallback")
    assert (await reply(usual, other))[0] == "At nine."
    assert len(usual.asked) == 1


@pytest.mark.parametrize("end", [CUT, None], ids=["cut", "stalled"])
async def test_a_reply_that_breaks_off_is_continued_and_not_repeated(end: Any) -> None:
    vendor = Vendor(answer(event(content="At "), end), answer(event(content="nine."), finished()))
    assert (await reply(vendor))[0] == "At nine."
    messages = [(it["role"], it["content"]) for it in vendor.asked[1]["messages"]]
    assert messages[1] == ("assistant", "At ")
    assert messages[2][0] == "developer"


async def test_half_a_request_for_a_tool_is_never_passed_on() -> None:
    def part(**function: str) -> bytes:
        call = {"index": 0, "id": "1", "type": "function", "function": function}
        return event(tool_calls=[call])

    half = answer(part(name="book", arguments='{"day":'), CUT)
    whole = answer(
        part(name="book", arguments='{"day":'), part(arguments='"Monday"}'), finished("tool_calls")
    )
    stream = ReplyStream(PARAMS, [Vendor(half, whole).route], lambda *_: None)
    arguments = ""
    async for chunk in stream.chunks():
        if chunk.choices and chunk.choices[0].delta.tool_calls:
            function = chunk.choices[0].delta.tool_calls[0].function
            arguments += (function.arguments or "") if function else ""
    assert json.loads(arguments) == {"day": "Monday"}


async def test_it_says_so_when_nobody_answers() -> None:
    with pytest.raises(ModelUnavailable, match="llm: InternalServerError; llm fallback: Time"):
        await reply(Vendor(status(500), status(500)), Vendor(answer(None), name="llm fallback"))


async def test_what_is_known_to_be_dead_is_not_asked() -> None:
    usual, other = Vendor(), Vendor(WHOLE, name="llm fallback")
    for _ in range(FAILURES):
        usual.route.circuit.failed()
    assert (await reply(usual, other))[0] == "At nine."
    with pytest.raises(ModelUnavailable, match="known to be unavailable"):
        await reply(usual)


@pytest.mark.parametrize("code", [400, 413, 422])
async def test_a_request_at_fault_says_nothing_of_the_vendor(code: int) -> None:
    """One caller's refused words must not close the model to everybody else."""
    usual = Vendor(*[status(code)] * FAILURES, WHOLE)
    for _ in range(FAILURES):
        other = Vendor(WHOLE, name="llm fallback")
        assert await reply(usual, other) == ("At nine.", [("llm", error_of(code))])
    assert not usual.route.circuit.is_open
    assert (await reply(usual))[0] == "At nine."


async def test_a_request_at_fault_heals_nothing_either() -> None:
    usual = Vendor(status(500), status(500), status(400), status(500))
    for _ in range(3):
        with pytest.raises(ModelUnavailable):
            await reply(usual)
    assert usual.route.circuit.is_open


@pytest.mark.parametrize("code", [401, 403, 404])
async def test_a_wrong_key_and_a_model_that_does_not_exist_are_the_vendors(code: int) -> None:
    usual = Vendor(*[status(code)] * FAILURES)
    for _ in range(FAILURES):
        with pytest.raises(ModelUnavailable):
            await reply(usual)
    assert usual.route.circuit.is_open


def error_of(code: int) -> str:
    names = {400: "BadRequestError", 413: "APIStatusError", 422: "UnprocessableEntityError"}
    return names[code]
