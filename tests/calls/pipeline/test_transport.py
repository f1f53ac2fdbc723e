"""The caller's audio in, the agent's audio out, at 8 kHz both ways."""

import asyncio
import base64
import random

import pytest
from pipecat.frames.frames import (
    InputAudioRawFrame,
    InterruptionFrame,
    TTSAudioRawFrame,
    TTSStartedFrame,
    TTSStoppedFrame,
    VADUserStartedSpeakingFrame,
    VADUserStoppedSpeakingFrame,
)

from calls.inbox import MOST_BYTES, PIECE_BYTES, QUIET_BYTES
from calls.pipeline.transport import (
    SAMPLE_RATE,
    SEND_LEAD_SECONDS,
    TRANSPORT_PARAMS,
    CallInput,
    CallOutput,
    SpokenFrame,
)
from calls.playout import PlayMark
from catalog import mulaw
from tests.calls.pipeline.fake_line import FakeLine
from tests.calls.pipeline.running import PATIENCE_SECONDS, Running, running

# The pieces in which Pipecat hands a reply's audio to the transport.
CHUNK_BYTES = TRANSPORT_PARAMS.audio_out_10ms_chunks * SAMPLE_RATE // 100


def noise(size_bytes: int, seed: int = 1) -> bytes:
    """Mu-law that no two pieces of are alike."""
    return random.Random(seed).randbytes(size_bytes)


def speech(audio: bytes) -> list:
    """Mu-law as the frames of a synthesised sentence."""
    pcm = mulaw.decode(audio)
    return [TTSStartedFrame(), TTSAudioRawFrame(pcm, SAMPLE_RATE, 1), TTSStoppedFrame()]


def audio_sent(line: FakeLine) -> bytes:
    media = [message for message in line.sent if message["event"] == "media"]
    return b"".join(base64.b64decode(message["media"]["payload"]) for message in media)


@pytest.fixture
async def line() -> FakeLine:
    return FakeLine()


async def heard(pipeline: Running, size_bytes: int) -> list[bytes]:
    """What came down the pipeline, until it is as much mu-law as that."""
    pieces: list[bytes] = []
    while sum(map(len, pieces)) < 2 * size_bytes:
        frame = await pipeline.down.next(InputAudioRawFrame)
        assert (frame.sample_rate, frame.num_channels) == (SAMPLE_RATE, 1)
        pieces.append(frame.audio)
    return pieces


async def test_it_hands_on_what_the_caller_says_in_pieces_of_40_ms(line: FakeLine) -> None:
    audio = noise(160 * 10)
    async with running(CallInput(line)) as pipeline:
        pieces = []
        for at in range(0, len(audio), 320):  # as it arrives, in 20 ms pieces
            line.inbox.put(audio[at : at + 160])
            line.inbox.put(audio[at + 160 : at + 320])
            pieces += await heard(pipeline, PIECE_BYTES)
    assert {len(piece) for piece in pieces} == {2 * PIECE_BYTES}
    assert b"".join(pieces) == mulaw.decode(audio)


async def test_silence_is_handed_on_in_longer_pieces_and_what_ends_it_at_once(
    line: FakeLine,
) -> None:
    quiet, loud = b"\xff\x7f\x7a\xfb" * 40, noise(160)
    async with running(CallInput(line)) as pipeline:
        for _ in range(QUIET_BYTES // len(quiet)):
            line.inbox.put(quiet)
        assert [len(it) for it in await heard(pipeline, QUIET_BYTES)] == [2 * QUIET_BYTES]
        for piece in (quiet, quiet, quiet, loud):
            line.inbox.put(piece)
        assert [len(it) for it in await heard(pipeline, 640)] == [1_280]


async def test_a_pause_of_who_speaks_is_handed_on_at_once(line: FakeLine) -> None:
    async with running(CallInput(line)) as pipeline:
        await pipeline.send_up(VADUserStartedSpeakingFrame(start_secs=0.2))
        await pipeline.up.next(VADUserStartedSpeakingFrame)
        for _ in range(4):
            line.inbox.put(b"\xff" * 160)
        first, *_ = await heard(pipeline, PIECE_BYTES)
    assert len(first) < 2 * QUIET_BYTES


@pytest.mark.parametrize("piece_bytes", [33, 159, 160, 321, 8_000])
async def test_it_loses_nothing_of_a_backlog_whatever_the_pieces(
    line: FakeLine, piece_bytes: int
) -> None:
    audio = noise(16_000)
    for at in range(0, len(audio), piece_bytes):
        line.inbox.put(audio[at : at + piece_bytes])
    async with running(CallInput(line)) as pipeline:
        # Less than a piece may wait for what the caller says next.
        pieces = await heard(pipeline, len(audio) - PIECE_BYTES)
    passed_on = b"".join(pieces)
    assert passed_on == mulaw.decode(audio)[: len(passed_on)]
    assert max(map(len, pieces)) < 2 * (MOST_BYTES + piece_bytes)


async def test_it_says_when_the_caller_began_and_stopped(line: FakeLine) -> None:
    async with running(CallInput(line)) as pipeline:
        await pipeline.send_up(VADUserStartedSpeakingFrame(start_secs=0.2))
        await pipeline.send_up(VADUserStoppedSpeakingFrame(stop_secs=0.3))
        await pipeline.up.next(VADUserStoppedSpeakingFrame)
    assert line.told == [("caller started", 0.2), ("caller stopped", 0.3)]


async def test_it_stops_reading_when_the_pipeline_ends(line: FakeLine) -> None:
    before = asyncio.all_tasks()
    async with running(CallInput(line)):
        pass
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == before


async def reply_sent(line: FakeLine) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while "reply sent" not in line.told:
            await asyncio.sleep(0.01)


async def test_it_sends_a_reply_byte_for_byte_and_says_when_it_began_and_ended(
    line: FakeLine,
) -> None:
    audio = noise(CHUNK_BYTES * 5)
    async with running(CallOutput(line)) as pipeline:
        await pipeline.send(*speech(audio))
        await reply_sent(line)
    assert audio_sent(line) == mulaw.encode(mulaw.decode(audio))
    assert line.told == ["reply started", *["media"] * 5, "reply sent"]


async def test_it_runs_ahead_of_the_callers_ear_by_its_lead_and_no_more(line: FakeLine) -> None:
    audio = noise(SAMPLE_RATE)  # a second
    async with running(CallOutput(line)) as pipeline:
        began_at = asyncio.get_running_loop().time()
        await pipeline.send(*speech(audio))
        await reply_sent(line)
        took_seconds = asyncio.get_running_loop().time() - began_at
    chunk_seconds = CHUNK_BYTES / SAMPLE_RATE
    assert max(line.leads_seconds) <= SEND_LEAD_SECONDS + chunk_seconds + 0.001
    assert max(line.leads_seconds) >= SEND_LEAD_SECONDS - chunk_seconds
    assert took_seconds >= 1.0 - SEND_LEAD_SECONDS - 2 * chunk_seconds


async def test_it_is_silent_at_once_when_it_is_interrupted(line: FakeLine) -> None:
    async with running(CallOutput(line)) as pipeline:
        await pipeline.send(*speech(noise(2 * SAMPLE_RATE)))
        async with asyncio.timeout(PATIENCE_SECONDS):
            while line.playout.lead_seconds < SEND_LEAD_SECONDS:
                await asyncio.sleep(0.01)
        await pipeline.send(InterruptionFrame())
        await pipeline.down.next(InterruptionFrame)
        next_words = noise(CHUNK_BYTES * 2, seed=2)
        await pipeline.send(*speech(next_words))
        await reply_sent(line)
        await asyncio.sleep(SEND_LEAD_SECONDS)  # Long enough for a piece that was held back.
    events = [message["event"] for message in line.sent]
    assert events.count("clear") == 1
    after = FakeLine()
    after.sent = line.sent[events.index("clear") :]
    assert audio_sent(after) == mulaw.encode(mulaw.decode(next_words))


async def test_it_marks_what_was_said_behind_its_last_audio(line: FakeLine) -> None:
    mark: asyncio.Future[PlayMark] = asyncio.get_running_loop().create_future()
    async with running(CallOutput(line)) as pipeline:
        await pipeline.send(*speech(noise(CHUNK_BYTES * 3)), SpokenFrame(mark))
        async with asyncio.timeout(PATIENCE_SECONDS):
            reached = await mark
    assert not reached.reached.done()
    events = [message["event"] for message in line.sent]
    assert events == ["media", "media", "media", "mark"]


async def test_it_never_marks_what_was_interrupted(line: FakeLine) -> None:
    mark: asyncio.Future[PlayMark] = asyncio.get_running_loop().create_future()
    async with running(CallOutput(line)) as pipeline:
        await pipeline.send(*speech(noise(2 * SAMPLE_RATE)), SpokenFrame(mark))
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not line.sent:
                await asyncio.sleep(0.01)
        await pipeline.send(InterruptionFrame())
        await pipeline.down.next(InterruptionFrame)
        await asyncio.sleep(SEND_LEAD_SECONDS)
    assert not mark.done()
