"""catalog/wav_response.py: what a browser's player needs."""

import io
import wave

import pytest
from django.test import RequestFactory

from catalog import mulaw
from catalog.wav_response import wav_response

AUDIO = bytes(range(256)) * 10
WHOLE = 44 + 2 * len(AUDIO)


def ask(**headers: str) -> tuple[int, dict[str, str], bytes]:
    response = wav_response(RequestFactory().get("/", headers=headers), AUDIO)
    return response.status_code, dict(response.items()), response.content


def test_it_plays_the_very_samples_a_caller_hears() -> None:
    status, headers, body = ask()
    assert (status, headers["Content-Type"]) == (200, "audio/wav")
    with wave.open(io.BytesIO(body)) as played:
        assert (played.getframerate(), played.getnchannels()) == (8_000, 1)
        assert played.readframes(10_000) == mulaw.decode(AUDIO)


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("bytes=0-1", 0, 1), ("bytes=100-", 100, WHOLE - 1), ("bytes=0-999999", 0, WHOLE - 1)],
)
def test_it_answers_the_ranges_safari_asks_for(asked: str, first: int, last: int) -> None:
    status, headers, body = ask(Range=asked)
    assert status == 206
    assert headers["Content-Range"] == f"bytes {first}-{last}/{WHOLE}"
    assert body == ask()[2][first : last + 1]


def test_it_refuses_a_range_beyond_the_end() -> None:
    status, headers, _ = ask(Range="bytes=999999-")
    assert (status, headers["Content-Range"]) == (416, f"bytes */{WHOLE}")


@pytest.mark.parametrize("nonsense", ["bytes=a-b", "bytes=-5", "lines=1-2", ""])
def test_it_sends_everything_for_what_it_does_not_understand(nonsense: str) -> None:
    assert ask(Range=nonsense)[0] == 200
