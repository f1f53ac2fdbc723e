"""A recorded call against what its caller said and heard: who is where, when, and what is kept."""

import asyncio
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.files.storage import storages
from pytest_django.fixtures import Settings

from calls.call_log import call_log
from calls.models import Call
from calls.recording import finishing, shelf
from calls.recording.finish import finish_recording
from catalog import mulaw
from rehearsal.caller import (
    CallReport,
    CallScript,
    HangUp,
    Hear,
    LoseTheLine,
    Pause,
    SimulatedCaller,
    Speak,
    WaitForAgent,
    WaitForHangup,
    line,
)
from tests.catalog.factories import make_clip
from tests.whole_call.desk import at_the_desk
from tests.whole_call.rig import GREETING_MS, GREETING_TEXT, Rig
from tests.whole_call.test_out_of_hours import keep_hours

pytestmark = pytest.mark.django_db(transaction=True)

GREETING_END = WaitForAgent("finished")
ANNOUNCEMENT_TEXT = "This call is recorded."
ANNOUNCEMENT_MS = 1_500
# Of each side against the caller's own recording of the same call, on this machine.
ALIGNED_MS = 50
LOUD = 1_000


@dataclass(frozen=True)
class Sides:
    """Samples of both sides of a recording."""

    caller: Any
    agent: Any

    @property
    def ms(self) -> float:
        return len(self.caller) / 8


class Recorder:
    """Holds recordings back before they are compressed: mu-law can be compared to the sample."""

    def __init__(self, rig: Rig, folder: Path) -> None:
        self.rig = rig
        self.folder = folder
        self.waiting: list[str] = []

    async def call(self, *steps: Any) -> tuple[CallReport, Sides]:
        """A call as our server recorded it, beside the report."""
        report = await self.rig.call(*steps)
        self.rig.wait_until(lambda: report.call_sid in self.waiting)
        return report, self.recorded(report.call_sid)

    def recorded(self, call_sid: str) -> Sides:
        (path,) = (self.folder / "running").glob(f"{call_sid}.*")
        both = np.frombuffer(mulaw.decode(path.read_bytes()), dtype="<i2")
        return Sides(both[0::2], both[1::2])

    def finish(self, call_sid: str) -> Call:
        def done() -> Call:
            finish_recording(call_sid)
            assert call_log.flush(10.0)
            return Call.objects.get(call_sid=call_sid)

        self.rig.wait_until(lambda: call_sid in self.waiting)
        call: Call = at_the_desk(done)
        return call


@pytest.fixture
def recorder(
    rig: Rig, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Recorder]:
    settings.RECORDING_DIR = tmp_path
    storages._storages.clear()  # type: ignore[attr-defined]
    recorder = Recorder(rig, tmp_path)
    monkeypatch.setattr(finishing.finisher, "expect", recorder.waiting.append)
    rig.edit_agent(record_calls=True)
    yield recorder
    storages._storages.clear()  # type: ignore[attr-defined]


def announce(rig: Rig) -> None:
    samples = 8_000 * np.sin(2 * np.pi * 600 * np.arange(8 * ANNOUNCEMENT_MS) / 8_000)
    audio = mulaw.encode(samples.astype("<i2").tobytes())
    clip = at_the_desk(lambda: make_clip("Announcement", text=ANNOUNCEMENT_TEXT, mulaw=audio))
    rig.edit_agent(consent_clip=clip)


def said_at_ms(side: Any, name: str) -> float:
    """Where the caller's line lies on a track, to the sample."""
    audio = line(name).audio
    piece = np.frombuffer(mulaw.decode(audio), dtype="<i2").astype(np.float32)
    track = side.astype(np.float32)
    size = 1 << (len(track) + len(piece) - 1).bit_length()
    found = np.fft.irfft(np.fft.rfft(track, size) * np.conj(np.fft.rfft(piece, size)), size)
    return float(found[: len(track)].argmax()) / 8


def loud_from_to_ms(side: Any, after_ms: float = 0.0) -> tuple[float, float]:
    """The first stretch of sound after a moment; 100 ms of silence end it."""
    loud = np.flatnonzero(np.abs(side[int(after_ms * 8) :]) > LOUD)
    ends = np.flatnonzero(np.diff(loud) > 800)
    last = loud[ends[0]] if len(ends) else loud[-1]
    return after_ms + loud[0] / 8, after_ms + last / 8


async def test_both_sides_are_where_the_caller_said_and_heard_them(
    rig: Rig, recorder: Recorder, tmp_path: Path
) -> None:
    steps = (GREETING_END, Speak("ask-hours"), Hear(0.5), Speak("what-time"), Pause(300))
    script = CallScript("test", (*steps, HangUp()), limit_seconds=40.0)
    report = await SimulatedCaller(rig.target).call(script, output_dir=tmp_path)
    assert report.ok, report.failures
    rig.wait_until(lambda: report.call_sid in recorder.waiting)
    recorded = recorder.recorded(report.call_sid)
    with wave.open(str(report.wav_path)) as own:
        both = np.frombuffer(own.readframes(own.getnframes()), dtype="<i2")
    lived = Sides(both[0::2], both[1::2])
    errors = [
        said_at_ms(recorded.caller, name) - said_at_ms(lived.caller, name)
        for name in ("ask-hours", "what-time")
    ]
    for heard in report.heard:
        after_ms = max(0.0, heard.start_ms - 200)
        errors.append(
            loud_from_to_ms(recorded.agent, after_ms)[0] - loud_from_to_ms(lived.agent, after_ms)[0]
        )
    assert max(errors) - min(errors) < ALIGNED_MS and max(map(abs, errors)) < ALIGNED_MS
    assert abs(recorded.ms - report.ended_ms) < 250
    assert len(recorded.agent) == len(recorded.caller)
    # Each on its own side alone.
    greeting = slice(0, 8 * (GREETING_MS - 100))
    assert np.abs(recorded.agent[greeting]).max() > LOUD
    assert np.abs(recorded.caller[greeting]).max() < LOUD


async def test_what_an_interruption_threw_away_is_not_on_the_recording(
    rig: Rig, recorder: Recorder
) -> None:
    report, recorded = await recorder.call(
        Hear(0.6), Speak("ask-hours", interrupting=True), Pause(300), HangUp()
    )
    (clear,) = [clear for clear in report.clears if clear.thrown_away_ms > 0]
    began, ended = loud_from_to_ms(recorded.agent)
    assert abs(began - report.heard[0].start_ms) < ALIGNED_MS
    assert abs(ended - clear.at_ms) < ALIGNED_MS
    assert ended < GREETING_MS - 100


async def test_a_line_that_breaks_leaves_one_recording_of_both_parts(
    rig: Rig, recorder: Recorder
) -> None:
    report, recorded = await recorder.call(
        GREETING_END, LoseTheLine(), GREETING_END, Speak("ask-hours"), Hear(0.5), HangUp()
    )
    assert len(report.streams) == 2
    assert abs(recorded.ms - report.ended_ms) < 500
    after_ms = report.streams[1].began_ms
    assert said_at_ms(recorded.caller, "ask-hours") > after_ms
    back = next(heard for heard in report.heard if heard.start_ms > after_ms)
    began, _ended = loud_from_to_ms(recorded.agent, after_ms)
    assert abs(began - back.start_ms) < 3 * ALIGNED_MS


async def test_an_announced_recording_is_kept_and_the_model_knows(
    rig: Rig, recorder: Recorder
) -> None:
    announce(rig)
    rig.slow_down(stt_connect_ms=500, tts_connect_ms=500)
    report, recorded = await recorder.call(
        WaitForAgent("finished"),
        Speak("ask-hours"),
        GREETING_END,
        Speak("goodbye"),
        WaitForHangup(),
    )
    assert report.ok, report.failures
    assert report.first_audio_ms is not None and report.first_audio_ms < 250
    began, ended = loud_from_to_ms(recorded.agent)  # Both clips, without a gap between them.
    assert abs(ended - began - ANNOUNCEMENT_MS - GREETING_MS) < ALIGNED_MS
    said = rig.record(report.call_sid)["transcript"]
    assert [entry["text"] for entry in said[:2]] == [ANNOUNCEMENT_TEXT, GREETING_TEXT]
    assert abs(said[1]["at_ms"] - said[0]["at_ms"] - ANNOUNCEMENT_MS) < 5
    assert rig.conversations()[0][0] == ("assistant", f"{ANNOUNCEMENT_TEXT} {GREETING_TEXT}")
    call = recorder.finish(report.call_sid)
    assert call.recording_state == "ready"
    assert shelf.size_bytes(call.recording) > 1_000
    assert not list((recorder.folder / "running").iterdir())


async def test_nobody_talks_the_announcement_away_and_the_greeting_can_still_be(
    rig: Rig, recorder: Recorder
) -> None:
    announce(rig)
    report, recorded = await recorder.call(
        Hear(0.1), Speak("yes"), Pause(1_300), Speak("ask-hours", interrupting=True), HangUp()
    )
    (clear,) = [clear for clear in report.clears if clear.thrown_away_ms > 0]
    assert clear.at_ms > ANNOUNCEMENT_MS
    said = rig.record(report.call_sid)["transcript"]
    first, second = [entry for entry in said if entry["speaker"] == "agent"][:2]
    assert first["text"] == ANNOUNCEMENT_TEXT and not first["interrupted"]
    assert second["interrupted"] and GREETING_TEXT.startswith(second["text"])
    assert abs(loud_from_to_ms(recorded.agent)[1] - clear.at_ms) < ALIGNED_MS
    assert recorder.finish(report.call_sid).recording_state == "ready"


async def test_nothing_is_kept_when_the_caller_hung_up_in_the_announcement(
    rig: Rig, recorder: Recorder
) -> None:
    announce(rig)
    report, _ = await recorder.call(Hear(0.5), HangUp())
    said = rig.record(report.call_sid)["transcript"]
    assert len(said) == 1 and said[0]["interrupted"]
    assert ANNOUNCEMENT_TEXT.startswith(said[0]["text"])
    call = recorder.finish(report.call_sid)
    assert (call.recording_state, call.recording) == ("withheld", "")
    assert not [path for path in recorder.folder.rglob("*") if path.is_file()]


async def test_nothing_is_kept_when_nothing_says_that_the_announcement_was_heard(
    rig: Rig, recorder: Recorder
) -> None:
    """A peer that echoes no marks is talked to as ever."""
    from tests.whole_call.raw_stream import RawCall

    announce(rig)
    async with RawCall.begun(rig) as call:
        await call.speak("ask-hours", after_ms=ANNOUNCEMENT_MS + GREETING_MS + 3_000)
        await call.listen(3.0)
    assert "hours" in rig.conversations()[0][1][1]
    rig.record(call.call_sid)
    assert (await asyncio.to_thread(recorder.finish, call.call_sid)).recording_state == "withheld"


async def test_who_does_not_record_leaves_nothing(rig: Rig, recorder: Recorder) -> None:
    rig.edit_agent(record_calls=False)
    announce(rig)
    report = await rig.call(GREETING_END, HangUp())
    record = rig.record(report.call_sid)
    assert [entry["text"] for entry in record["transcript"]] == [GREETING_TEXT]
    assert record["recording"] is None
    assert not list(recorder.folder.iterdir())


async def test_the_announcement_comes_first_whatever_follows_it(
    rig: Rig, recorder: Recorder, settings: Settings
) -> None:
    """The model opens; the text is spoken; the pace is that of life."""
    announce(rig)
    settings.GREETING_AUDIO_ENABLED = False
    report, _ = await recorder.call(GREETING_END, HangUp())
    assert report.ok, report.failures
    assert rig.conversations()[0][0] == ("assistant", ANNOUNCEMENT_TEXT)
    said = rig.record(report.call_sid)["transcript"]
    assert said[0]["text"] == ANNOUNCEMENT_TEXT and len(said) == 2
    assert recorder.finish(report.call_sid).recording_state == "ready"

    settings.GREETING_AUDIO_ENABLED = True
    settings.GREETING_PACING = "realtime"
    rig.edit_agent(greeting_clip=None, greeting_text="Good day to you.")
    report, recorded = await recorder.call(GREETING_END, HangUp())
    assert report.ok, report.failures
    said = rig.record(report.call_sid)["transcript"]
    assert [entry["text"] for entry in said] == [ANNOUNCEMENT_TEXT, "Good day to you."]
    assert recorder.finish(report.call_sid).recording_state == "ready"


async def test_out_of_hours_a_call_is_recorded_too(rig: Rig, recorder: Recorder) -> None:
    announce(rig)
    keep_hours(rig, open_now=False, out_of_hours="hang_up")
    report, _ = await recorder.call(WaitForHangup())
    said = rig.record(report.call_sid)["transcript"]
    assert said[0]["text"] == ANNOUNCEMENT_TEXT and len(said) == 2
    assert recorder.finish(report.call_sid).recording_state == "ready"
