"""What Twilio sends is read, and what we send is what Twilio documents."""

import base64
import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls import media_streams
from calls.media_streams import (
    MAX_PAYLOAD_BYTES,
    Connected,
    Dtmf,
    Ignored,
    Mark,
    Media,
    StreamStarted,
    StreamStopped,
    parse,
)
from tests.calls.samples import ACCOUNT_SID, CALL_SID, STREAM_SID
from tests.calls.twilio_messages import AUDIO, CONNECTED, DTMF, MARK, MEDIA, START, STOP


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (CONNECTED, Connected()),
        (
            START,
            StreamStarted(
                STREAM_SID, CALL_SID, ACCOUNT_SID, {"token": "secret", "FirstName": "Jane"}
            ),
        ),
        (MEDIA, Media(STREAM_SID, AUDIO, number=4, timestamp_ms=25)),
        (DTMF, Dtmf(STREAM_SID, "1", number=5)),
        (MARK, Mark(STREAM_SID, "greet-end", number=6)),
        (STOP, StreamStopped(STREAM_SID, number=7)),
    ],
    ids=lambda value: value["event"] if isinstance(value, dict) else "",
)
def test_it_reads_every_message_that_twilio_documents(document: Any, expected: Any) -> None:
    assert parse(json.dumps(document)) == expected


def test_it_takes_the_sample_rate_as_a_string_too() -> None:
    document = copy.deepcopy(START)
    document["start"]["mediaFormat"]["sampleRate"] = "8000"
    assert isinstance(parse(json.dumps(document)), StreamStarted)


@pytest.mark.parametrize("without", ["customParameters", None])
def test_it_reads_a_start_without_parameters(without: str | None) -> None:
    document = copy.deepcopy(START)
    if without:
        del document["start"][without]
    else:
        document["start"]["customParameters"] = None
    started = parse(json.dumps(document))
    assert isinstance(started, StreamStarted)
    assert started.parameters == {}


@pytest.mark.parametrize("size_bytes", [1, 159, 160, 161, 1_600, MAX_PAYLOAD_BYTES])
def test_it_takes_media_of_any_length_up_to_a_second(size_bytes: int) -> None:
    document = {**MEDIA, "media": {"payload": base64.b64encode(b"\x7f" * size_bytes).decode()}}
    assert parse(json.dumps(document)) == Media(STREAM_SID, b"\x7f" * size_bytes, number=4)


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({**MEDIA, "event": "keep-alive"}),
        json.dumps({**MEDIA, "media": {**MEDIA["media"], "track": "outbound"}}),  # type: ignore[dict-item]
    ],
    ids=["an event that Twilio may add", "the track of the agent"],
)
def test_it_ignores_what_is_well_formed_and_nothing_to_us(text: str) -> None:
    assert parse(text) == Ignored()


def test_it_takes_numbers_that_are_no_strings_or_missing() -> None:
    as_numbers = {**MEDIA, "sequenceNumber": 4}
    assert parse(json.dumps(as_numbers)) == Media(STREAM_SID, AUDIO, number=4, timestamp_ms=25)
    without = {name: value for name, value in MARK.items() if name != "sequenceNumber"}
    assert parse(json.dumps(without)) == Mark(STREAM_SID, "greet-end")


def test_it_builds_media_marks_and_clears_as_documented() -> None:
    assert json.loads(media_streams.media(STREAM_SID, "AAAA")) == {
        "event": "media",
        "streamSid": STREAM_SID,
        "media": {"payload": "AAAA"},
    }
    assert json.loads(media_streams.mark(STREAM_SID, "0-1-greeting")) == {
        "event": "mark",
        "streamSid": STREAM_SID,
        "mark": {"name": "0-1-greeting"},
    }
    assert json.loads(media_streams.clear(STREAM_SID)) == {
        "event": "clear",
        "streamSid": STREAM_SID,
    }


@given(st.binary(min_size=1, max_size=4_000))
def test_it_reads_back_the_audio_it_builds(audio: bytes) -> None:
    text = media_streams.media(STREAM_SID, base64.b64encode(audio).decode())
    assert parse(text) == Media(STREAM_SID, audio)
