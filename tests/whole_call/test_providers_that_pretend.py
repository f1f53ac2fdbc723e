"""Providers that answer, and do nothing of what they are there for."""

import asyncio
import base64
from contextlib import suppress
from typing import Any

import pytest

from rehearsal.caller import HangUp, Pause, Speak, WaitForAgent, WaitForHangup
from rehearsal.providers import openai_chat
from rehearsal.providers.cartesia_stt import Hearing
from rehearsal.providers.cartesia_tts import Contexts
from rehearsal.providers.speech_request import SpeechRequest
from tests.whole_call.dead_air import longest_dead_air_ms
from tests.whole_call.rig import Rig

pytestmark = pytest.mark.django_db(transaction=True)

GREETED = WaitForAgent("finished")
ANSWERED = WaitForAgent("finished", silence_ms=1_000)
MOST_DEAD_AIR_MS = 3_000  # two seconds, and one for a busy machine
NOT_HEARD = "Sorry, I could not hear that. Could you say it again, please?"
APOLOGY = "something is not working here"


def answer_with(monkeypatch: pytest.MonkeyPatch, *messages: tuple[str, dict[str, Any]]) -> None:
    """What speech recognition says of every utterance."""

    async def command(hearing: Hearing, _command: str) -> None:
        hearing._audio.clear()
        for kind, fields in messages:
            await hearing._send(kind, **fields)

    monkeypatch.setattr(Hearing, "_command", command)


INTERIM = ("transcript", {"is_final": False, "text": "your opening hours", "language": "en"})
FLUSHED: tuple[str, dict[str, Any]] = ("flush_done", {})


async def test_ears_that_never_come_to_an_end_are_given_up(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer_with(monkeypatch, INTERIM)
    report = await rig.call(GREETED, Speak("ask-hours"), WaitForHangup(deadline_seconds=20))
    record = rig.record(report.call_sid)
    assert record["ended_by"] == "error" and APOLOGY in record["transcript"][-1]["text"]
    assert report.ended_ms - report.said[-1].end_ms <= 16_000
    assert longest_dead_air_ms(report) <= MOST_DEAD_AIR_MS


async def test_interim_words_that_nothing_follows_are_answered(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer_with(monkeypatch, INTERIM, FLUSHED)
    report = await rig.call(GREETED, Speak("ask-hours"), ANSWERED, HangUp())
    said = [line["text"] for line in rig.record(report.call_sid)["transcript"]]
    assert said[1] == "your opening hours" and "9 to 5" in said[2]


async def test_deaf_ears_leave_nobody_in_silence(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    answer_with(monkeypatch, FLUSHED)
    asking = (Speak("ask-hours"), ANSWERED) * 2
    report = await rig.call(GREETED, *asking, Speak("ask-hours"), WaitForHangup(20.0))
    record = rig.record(report.call_sid)
    said = [line["text"] for line in record["transcript"] if line["speaker"] == "agent"]
    assert said[1:3] == [NOT_HEARD, NOT_HEARD] and APOLOGY in said[-1]
    assert record["ended_by"] == "error"
    assert rig.events(report.call_sid).count("stt stumbled") == 2
    assert longest_dead_air_ms(report) <= MOST_DEAD_AIR_MS


async def test_who_is_not_heard_while_they_interrupt_is_asked_once(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pipecat would have the model ask again, five seconds after a reply was cut off."""
    report = await rig.call(GREETED, Speak("ask-hours"), WaitForAgent("started"), HangUp())
    assert report.ok
    answer_with(monkeypatch, FLUSHED)
    report = await rig.call(WaitForAgent("started"), Speak("ask-hours"), Pause(9_000), HangUp())
    said = [line["text"] for line in rig.record(report.call_sid)["transcript"]]
    assert said[1:] == [NOT_HEARD]


async def test_words_that_the_model_refuses_close_it_to_nobody_else(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = openai_chat.read_request

    def picky(text: str) -> Any:
        if "What time is it" in text:
            raise ValueError("This is against our policy.")
        return usual(text)

    monkeypatch.setattr(openai_chat, "read_request", picky)
    refused = await asyncio.gather(
        *(
            rig.call(
                GREETED, Speak("what-time"), WaitForHangup(20.0), from_number=f"+1202555017{n}"
            )
            for n in range(3)
        )
    )
    for report in refused:
        record = rig.record(report.call_sid)
        assert record["ended_by"] == "error" and APOLOGY in record["transcript"][-1]["text"]
    report = await rig.call(GREETED, Speak("ask-hours"), ANSWERED, HangUp())
    assert "9 to 5" in rig.record(report.call_sid)["transcript"][-1]["text"]


@pytest.mark.parametrize(
    ("audio", "pause_seconds"), [(b"\0" * 1_600, 0.1), (b"\0\x10", 1.0)], ids=["silence", "drops"]
)
async def test_a_voice_that_is_not_heard_is_given_up(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, audio: bytes, pause_seconds: float
) -> None:
    speaking: set[asyncio.Task[None]] = set()

    async def speak(contexts: Contexts, request: SpeechRequest) -> None:
        async def drip() -> None:
            data = base64.b64encode(audio).decode()
            chunk = {"type": "chunk", "context_id": request.context_id, "data": data}
            with suppress(ConnectionError):
                while True:
                    await contexts._outlet.send_json(chunk)
                    await asyncio.sleep(pause_seconds)

        speaking.add(asyncio.create_task(drip()))

    monkeypatch.setattr(Contexts, "_speak", speak)
    report = await rig.call(GREETED, Speak("ask-hours"), WaitForHangup(20.0))
    record = rig.record(report.call_sid)
    assert record["ended_by"] == "error" and APOLOGY in record["transcript"][-1]["text"]
    assert report.ended_ms - report.said[-1].end_ms <= 16_000
    assert longest_dead_air_ms(report) <= MOST_DEAD_AIR_MS
