"""What reaches the wires of the model and of the voice."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from openai import AsyncOpenAI
from pipecat.frames.frames import (
    LLMContextFrame,
    LLMFullResponseEndFrame,
    LLMTextFrame,
    LLMUpdateSettingsFrame,
    TTSAudioRawFrame,
    TTSSpeakFrame,
)
from pipecat.processors.aggregators.llm_context import LLMContext

from calls.pipeline import providers
from calls.pipeline.providers import TOOL_TIMEOUT_SECONDS, CallLLM, openai_client
from calls.pipeline.tts import OFFLINE_KEY, CallTTS
from tests.calls.pipeline.fake_cartesia import FakeCartesia
from tests.calls.pipeline.fake_line import FakeLine
from tests.calls.pipeline.running import running
from tests.calls.samples import agent

ANSWER = (
    'data: {"id":"0","object":"chat.completion.chunk","created":0,"model":"m",'
    '"choices":[{"index":0,"delta":{"role":"assistant","content":"At nine."},'
    '"finish_reason":null}]}\n\n'
    'data: {"id":"0","object":"chat.completion.chunk","created":0,"model":"m","choices":[],'
    '"usage":{"prompt_tokens":900,"completion_tokens":4,"total_tokens":904,'
    '"prompt_tokens_details":{"cached_tokens":640}}}\n\ndata: [DONE]\n\n'
)


class FakeModel:
    """Answers every question with the same sentence, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        transport = httpx2.MockTransport(self._answer)
        self.client = AsyncOpenAI(
            api_key="none",
            base_url="http://model.example.org/v1",
            http_client=httpx2.AsyncClient(transport=transport),
        )

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(json.loads(request.content))
        headers = {"content-type": "text/event-stream"}
        return httpx2.Response(200, headers=headers, text=ANSWER)


@pytest.fixture
async def model(monkeypatch: pytest.MonkeyPatch, settings) -> FakeModel:
    settings.OPENAI_MODEL = "gpt-of-the-tests"
    model = FakeModel()
    monkeypatch.setattr(providers, "openai_client", lambda: model.client)
    return model


def question(text: str = "When do you open?") -> LLMContextFrame:
    return LLMContextFrame(LLMContext([{"role": "user", "content": text}]))


async def test_the_prompt_and_the_model_reach_the_wire(model: FakeModel) -> None:
    line = FakeLine()
    async with running(CallLLM(line, "You are the receptionist.")) as pipeline:
        await pipeline.send(question())
        assert (await pipeline.down.next(LLMTextFrame)).text == "At nine."
        await pipeline.down.next(LLMFullResponseEndFrame)
    (asked,) = model.asked
    assert (asked["model"], asked["stream"], asked["temperature"]) == (
        "gpt-of-the-tests",
        True,
        0.3,
    )
    assert [(m["role"], m["content"]) for m in asked["messages"]] == [
        ("system", "You are the receptionist."),
        ("user", "When do you open?"),
    ]


async def test_it_says_when_the_model_answers(model: FakeModel) -> None:
    line = FakeLine()
    async with running(CallLLM(line, "You are the receptionist.")) as pipeline:
        assert line.told == [("milestone", "llm connected")]
        await pipeline.send(question())
        await pipeline.down.next(LLMTextFrame)
    assert {("model asked", ()), "model answered"} <= set(line.told)


async def test_it_says_what_a_reply_used(model: FakeModel) -> None:
    line = FakeLine()
    async with running(CallLLM(line, "You are the receptionist.")) as pipeline:
        await pipeline.send(question())
        await pipeline.down.next(LLMFullResponseEndFrame)
    assert line.told.count(("used", 900, 640, 4, 0)) == 1


async def test_a_new_prompt_is_used_from_the_next_question_on_and_asks_none_itself(
    model: FakeModel,
) -> None:
    async with running(CallLLM(FakeLine(), "You know nobody.")) as pipeline:
        delta = CallLLM.Settings(system_instruction="You know Maria.")
        await pipeline.send(LLMUpdateSettingsFrame(delta=delta))
        await pipeline.send(question())
        await pipeline.down.next(LLMFullResponseEndFrame)
    (asked,) = model.asked
    assert asked["messages"][0]["content"] == "You know Maria."


async def test_a_tool_that_never_answers_is_not_waited_for_for_ever(model: FakeModel) -> None:
    llm = CallLLM(FakeLine(), "You are the receptionist.")
    assert llm._function_call_timeout_secs == TOOL_TIMEOUT_SECONDS


@pytest.mark.parametrize(("key", "sent"), [("", OFFLINE_KEY), ("a-key", "a-key")])
def test_one_client_serves_all_calls_with_the_settings_of_the_process(
    settings, key: str, sent: str
) -> None:
    settings.OPENAI_API_KEY, settings.OPENAI_BASE_URL = key, "http://model.example.org/v1"
    client = openai_client.__wrapped__()
    assert (client.api_key, str(client.base_url)) == (sent, "http://model.example.org/v1/")
    assert client.max_retries == 0
    assert openai_client() is openai_client()


@pytest.fixture
async def cartesia(settings) -> AsyncIterator[FakeCartesia]:
    cartesia = FakeCartesia()
    await cartesia.start()
    settings.CARTESIA_BASE_URL, settings.CARTESIA_API_KEY = cartesia.url, ""
    settings.CARTESIA_TTS_MODEL = "sonic-of-the-tests"
    settings.CARTESIA_VOICE_ID = "the-usual-voice"
    yield cartesia
    await cartesia.stop()


@pytest.mark.parametrize(
    ("voice_id", "spoken_by"), [("", "the-usual-voice"), ("her-own-voice", "her-own-voice")]
)
async def test_the_voice_and_the_language_of_the_agent_reach_the_wire(
    cartesia: FakeCartesia, voice_id: str, spoken_by: str
) -> None:
    spec = agent(language="pt-BR", voice_id=voice_id)
    async with running(CallTTS(FakeLine(), spec)) as pipeline:
        await pipeline.send(TTSSpeakFrame("Bom dia."))
        asked = await cartesia.received()
    assert (cartesia.paths, cartesia.keys) == (["/tts/websocket"], [OFFLINE_KEY])
    assert asked["transcript"].strip() == "Bom dia."
    assert asked["language"] == "pt-BR"
    assert asked["voice"] == {"mode": "id", "id": spoken_by}
    assert asked["model_id"] == "sonic-of-the-tests"
    assert asked["output_format"] == {
        "container": "raw",
        "encoding": "pcm_s16le",
        "sample_rate": 8_000,
    }
    assert asked["add_timestamps"] is True, "they tell which words were heard"


async def test_the_voice_comes_back_at_the_rate_of_the_telephone(cartesia: FakeCartesia) -> None:
    async with running(CallTTS(FakeLine(), agent())) as pipeline:
        await pipeline.send(TTSSpeakFrame("Hello."))
        context_id = (await cartesia.received())["context_id"]
        await cartesia.say(type="chunk", data="AAEAAQAB", done=False, context_id=context_id)
        await cartesia.say(type="done", done=True, context_id=context_id)
        frame = await pipeline.down.next(TTSAudioRawFrame)
    assert (frame.audio, frame.sample_rate) == (b"\x00\x01" * 3, 8_000)


async def test_it_says_how_much_the_voice_was_given_to_speak(cartesia: FakeCartesia) -> None:
    line = FakeLine()
    async with running(CallTTS(line, agent())) as pipeline:
        await pipeline.send(TTSSpeakFrame("Bom dia."))
        asked = await cartesia.received()
    used = [told for told in line.told if told[0] == "used"]
    assert used == [("used", 0, 0, 0, len(asked["transcript"]))]
