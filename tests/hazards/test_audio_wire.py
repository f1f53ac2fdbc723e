"""H8, H10, H12, H13: what is put on the wire and taken off it, one message at a time."""

import json
import logging
import random
from typing import Any

import numpy as np
import pytest
import soxr  # type: ignore[import-untyped]

from calls import metrics
from calls.media_streams import Malformed, Media, parse
from calls.playout import Playout
from calls.stream_limits import StreamLimits
from catalog import mulaw
from catalog.transcoding import TranscodingError, transcode
from tests.calls.conftest import PostedHappenings
from tests.calls.fake_clock import FakeClock
from tests.calls.samples import STREAM_SID
from tests.calls.test_caller_stream import FRAME, Stream
from tests.calls.test_media_streams_hostile import HOSTILE
from tests.calls.twilio_messages import REAL_MESSAGES
from tests.calls.waiting_audio import take_waiting
from tests.catalog import measuring
from tests.catalog.measuring import file_of, real_speech

logger = logging.getLogger(__name__)

FUZZED = 100_000
FORMATS = {
    "wav at 44.1 kHz": ("wav", "pcm_s16le", 44_100, 0),
    "wav of A-law": ("wav", "pcm_alaw", 8_000, 0),
    "wav of mu-law": ("wav", "pcm_mulaw", 8_000, 0),
    "mp3": ("mp3", "libmp3lame", 48_000, 64),
}


async def test_h08_a_mark_that_comes_back_after_a_clear_was_not_heard() -> None:
    playout = Playout(STREAM_SID, _nowhere, FakeClock())
    await playout.send_audio(bytes(8_000))
    marks = [await playout.send_mark("reply") for _ in range(3)]
    await playout.clear()
    after = await playout.send_mark("reply")
    for mark in marks:  # Twilio sends them back in a burst
        playout.mark_echoed(mark.name)
    assert [mark.reached.result() for mark in marks] == [False] * 3
    assert not after.reached.done()


async def _nowhere(text: str) -> None:
    return


@pytest.mark.parametrize("coding", FORMATS)
def test_h10_callers_hear_what_was_uploaded(coding: str) -> None:
    container, codec, rate, kbps = FORMATS[coding]
    samples, recorded_at = real_speech("two_cities", 4.0)
    file = file_of(soxr.resample(samples, recorded_at, rate), rate, container, codec, kbps)
    clip = transcode(file, "renamed.mp3")
    likeness = measuring.correlation(clip.mulaw, measuring.resampled(samples, recorded_at))
    logger.info("%s: correlation %.3f", coding, likeness)
    assert likeness > 0.95
    assert not clip.mulaw.startswith((b"RIFF", b"ID3", b"\xff\xfb"))
    first_samples = np.frombuffer(mulaw.decode(clip.mulaw), "<i2")[:16]
    assert abs(int(first_samples.max()) - int(first_samples.min())) < 8_000, "a click"
    with pytest.raises(TranscodingError):
        transcode(file[: len(file) // 3 * 2], "cut-off.mp3")


def test_h12_no_message_raises_and_few_bad_ones_are_borne() -> None:
    assert all(isinstance(parse(text), Malformed) for text in HOSTILE.values())
    chance = random.Random(12)
    texts = [json.dumps(message) for message in REAL_MESSAGES]
    for _ in range(FUZZED):
        text = chance.choice(texts)
        at = chance.randrange(len(text))
        parse(text[:at] + chr(chance.randrange(0x110000)) + text[at + chance.randrange(4) :])
    slowly, at_once = StreamLimits(), StreamLimits()
    assert [slowly.takes_malformed(at_ms=n * 300.0) for n in range(21)] == [True] * 20 + [False]
    assert [at_once.takes_malformed(at_ms=float(n)) for n in range(5)] == [True] * 4 + [False]


async def test_h13_what_is_lost_doubled_or_out_of_order_is_counted_and_heard_once(
    posted: PostedHappenings,
) -> None:
    gaps, late = metrics.stream_gaps._value.get(), metrics.late_audio._value.get()
    chance, sent = random.Random(13), 500
    order = [n for n in range(sent) if chance.random() > 0.05]
    order += [n for n in order if chance.random() < 0.05]
    order.sort(key=lambda n: n + chance.uniform(0.0, 1.5))
    stream = Stream()
    for number in order:
        assert stream.take(Media(STREAM_SID, FRAME, number + 1, number * 20)) == []
    pieces = heard(stream)
    assert len(pieces) <= len(set(order)) and len(pieces) > 0.85 * sent
    assert metrics.stream_gaps._value.get() - gaps > 0.02 * sent
    assert metrics.late_audio._value.get() - late > 0.02 * sent
    later = sent * 20 + 1_000
    after = Media(STREAM_SID, FRAME, sent + 51, later)
    assert stream.take(after, every_seconds=1.02) == []
    assert len(b"".join(heard(stream))) // 8 == pytest.approx(1_020, abs=200), "silence between"


def heard(stream: Any) -> list[bytes]:
    return take_waiting(stream.line)
