"""Answers that no offline provider gives: word times of recordings, and all kinds of nonsense."""

import asyncio
import threading
import time

import pytest
from aiohttp import web

from catalog.snapshot import WordTiming
from catalog.speech import SpeechError, speak, transcribe
from tests.catalog.voice_service import (
    Handler,
    answering,
    chunk,
    document,
    event,
    events,
    page,
    timestamps,
)

TEXT = "Good morning."
WORDS = timestamps(["Good", "morning."], [0.1, 0.4], [0.4, 0.9])
DONE = event("done")
HTML = "<html>A proxy's page</html>"
ONE_SECOND = b"\xff" * 8_000


async def spoken(handler: Handler, settings, **changes: float):
    async with answering(handler) as settings.CARTESIA_BASE_URL:
        return await asyncio.to_thread(speak, TEXT, voice_id="", language="en", **changes)


async def written_down(handler: Handler, settings, **changes: float):
    async with answering(handler) as settings.CARTESIA_BASE_URL:
        return await asyncio.to_thread(transcribe, ONE_SECOND, language="en", **changes)


def word(text: object, start: object, end: object) -> dict[str, object]:
    return {"word": text, "start": start, "end": end}


async def test_word_times_of_several_events_are_put_together(settings) -> None:
    handler = events(
        timestamps(["Good"], [0.0], [0.3]),
        chunk(500),
        timestamps(["morning."], [0.31], [1.4]),
        chunk(500),
        event("something new"),
        DONE,
    )
    speech = await spoken(handler, settings)
    assert speech.words == (WordTiming("Good", 0, 300), WordTiming("morning.", 310, 1_000))


async def test_speech_without_word_times_has_none(settings) -> None:
    assert (await spoken(events(chunk(100), DONE), settings)).words == ()


async def test_it_does_not_wait_for_more_after_the_end(settings) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        whole = await events(chunk(100), DONE)(request)
        await response.write(whole.body)
        await asyncio.sleep(30)
        return response

    assert (await spoken(handler, settings, deadline_seconds=5.0)).wav


async def test_the_times_of_a_transcript_are_kept(settings) -> None:
    handler = document(
        type="transcript",
        text=" Good  morning.\n",
        words=[word(" Good", 0.1, 0.4), word(" morning.", 0.404, 1.2)],
    )
    transcript = await written_down(handler, settings)
    assert transcript.text == TEXT
    assert transcript.words == (WordTiming("Good", 100, 400), WordTiming("morning.", 404, 1_000))


NONSENSE_SPEECH = {
    "no event": events(),
    "cut off": events(WORDS, chunk(500)),
    "a page of HTML": page(HTML, "text/html"),
    "no JSON": page("data: {oh\n\n", "text/event-stream"),
    "a chunk without data": events(event("chunk"), DONE),
    "a chunk that is not base64": events(event("chunk", data="!!"), DONE),
    "times that are missing": events(chunk(500), timestamps(["Good"], [], []), DONE),
    "no times at all": events(chunk(500), event("timestamps"), DONE),
    "times that are words": events(chunk(500), timestamps(["Good"], ["a"], ["b"]), DONE),
    "times without end": events(chunk(500), timestamps(["Good"], [0], [float("inf")]), DONE),
    "an error without a status": events({"type": "error", "message": "No."}),
    "an error with a status in words": events(event("error", request_id="", status_code="bad")),
    "numbers": events(1, 2, 3),
}


@pytest.mark.parametrize("handler", NONSENSE_SPEECH.values(), ids=NONSENSE_SPEECH.keys())
async def test_speech_that_makes_no_sense_ends_in_a_sentence(settings, handler: Handler) -> None:
    with pytest.raises(SpeechError, match="makes no sense"):
        await spoken(handler, settings)


NONSENSE_TRANSCRIPTS = {
    "a page of HTML": page(HTML, "text/html"),
    "no JSON": page("{oh", "application/json"),
    "a list": page("[]", "application/json"),
    "nothing": page("null", "application/json"),
    "no text": document(type="transcript"),
    "a text that is a number": document(type="transcript", text=7),
    "a word without times": document(text="Good", words=[{"word": "Good"}]),
    "a word that is a string": document(text="Good", words=["Good"]),
    "times that are words": document(text="Good", words=[word("Good", "a", "b")]),
}


@pytest.mark.parametrize("handler", NONSENSE_TRANSCRIPTS.values(), ids=NONSENSE_TRANSCRIPTS.keys())
async def test_a_transcript_that_makes_no_sense_ends_in_a_sentence(
    settings, handler: Handler
) -> None:
    with pytest.raises(SpeechError, match="makes no sense"):
        await written_down(handler, settings)


STATUSES = [
    (400, "did not accept"),
    (401, "refused the key"),
    (402, "credit is used up"),
    (403, "refused the key"),
    (404, "does not know the voice"),
    (422, "did not accept"),
    (429, "over its limit"),
    (500, "trouble of its own"),
]


@pytest.mark.parametrize(("status", "sentence"), STATUSES)
async def test_an_error_in_the_middle_is_told_as_one_at_the_beginning(
    settings, status: int, sentence: str
) -> None:
    failed = event("error", title="No", message="No.", request_id="one", status_code=status)
    with pytest.raises(SpeechError, match=sentence):
        await spoken(events(chunk(100), failed), settings)


@pytest.mark.parametrize(("status", "sentence"), STATUSES)
async def test_a_refusal_is_told_as_a_sentence(settings, status: int, sentence: str) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        return web.Response(text=HTML, status=status)

    with pytest.raises(SpeechError, match=sentence):
        await written_down(handler, settings)


async def test_a_refusal_that_quotes_the_text_is_logged_without_it(
    settings, caplog: pytest.LogCaptureFixture
) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        quoted = {"title": "No", "message": f"Cannot say {TEXT}", "error_code": "no_such_voice"}
        return web.json_response({**quoted, "request_id": "one"}, status=404)

    with pytest.raises(SpeechError) as caught:
        await spoken(handler, settings)
    assert "refused with 404, error code no_such_voice, request one" in caplog.text
    assert TEXT not in caplog.text
    assert TEXT not in str(caught.value)


async def test_a_limit_is_not_waited_for_as_long_as_the_service_says(settings) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        return web.Response(status=429, headers={"Retry-After": "60"})

    began_at = time.monotonic()
    with pytest.raises(SpeechError, match="over its limit"):
        await spoken(handler, settings)
    assert time.monotonic() - began_at < 10


async def test_a_service_that_only_keeps_the_line_open_is_given_up(settings) -> None:
    """Every byte starts the SDK's timeout anew; the deadline counts from the beginning."""

    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        while True:
            await response.write(b": still here\n\n")
            await asyncio.sleep(0.05)

    began_at = time.monotonic()
    async with answering(handler) as settings.CARTESIA_BASE_URL:
        with pytest.raises(SpeechError, match="did not answer"):
            await asyncio.to_thread(speak, TEXT, voice_id="", language="en", deadline_seconds=0.5)
        assert time.monotonic() - began_at < 5
        await _until_no_request_is_left()


async def _until_no_request_is_left() -> None:
    async with asyncio.timeout(10):
        while any(thread.name.startswith("voice-service") for thread in threading.enumerate()):
            await asyncio.sleep(0.02)
