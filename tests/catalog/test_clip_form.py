"""The clip form: a file, a microphone or a sentence becomes a draft, or an error at its field."""

import time
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from catalog.forms import clips
from catalog.models import Agent, Clip, Recording
from catalog.speech import SpeechError
from catalog.transcoding import transcode
from rehearsal.speech import lines
from tests.catalog.factories import make_agent, make_clip
from tests.catalog.recordings import recording, voice, wav
from tests.catalog.studio import (
    ADD,
    at_work,
    change,
    editor,
    errors_of,
    kept_files,
    nobody_speaks,
    upload,
)
from tests.catalog.voice_service import answering, document
from tests.rehearsal.providers_rig import running, socket_url_of

LINE = lines()["ask-hours"]


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    settings.MEDIA_ROOT = tmp_path
    nobody_speaks(settings, monkeypatch)
    return tmp_path


@pytest.fixture
def erin(db: None) -> Client:
    return editor()


def newest(name: str) -> Recording:
    found = Clip.objects.get(name=name).newest
    assert found is not None
    return found


def said(client: Client, response: Any) -> str:
    """What the page that follows says."""
    assert response.status_code == 302, errors_of(response)
    return str(client.get(response["Location"]).content.decode())


# From a file --------------------------------------------------------------------------------


def test_an_upload_becomes_a_draft_as_callers_will_hear_it(erin: Client, media: Path) -> None:
    data = recording("mp3")
    erin.post(ADD, {"name": "Summer", "text": "We are away.", "recording": upload(data)})
    draft, heard = newest("Summer"), transcode(data, "summer.mp3")
    assert bytes(draft.mulaw) == heard.mulaw
    assert draft.loudness_before_lufs == pytest.approx(-28.5, abs=1)
    assert draft.loudness_after_lufs == pytest.approx(-19, abs=0.5)
    assert (draft.text, draft.source, draft.version) == ("We are away.", "upload", 1)
    assert draft.author_name == "erin"
    assert (draft.published_at, draft.clip.published) == (None, None)
    assert [path.read_bytes() for path in kept_files(media)] == [data]


def test_the_name_of_an_upload_never_reaches_the_disk(erin: Client, media: Path) -> None:
    erin.post(ADD, {"name": "Summer", "text": "Hi.", "recording": upload(name="Maria Silva.MP3")})
    (kept,) = kept_files(media)
    assert kept.name == f"clip-{newest('Summer').clip_id}.mp3"
    assert "Maria" not in str(newest("Summer").original)


def test_a_suffix_that_is_none_of_sound_is_not_kept_either(erin: Client, media: Path) -> None:
    erin.post(ADD, {"name": "Summer", "text": "Hi.", "recording": upload(name="page.html")})
    assert [path.suffix for path in kept_files(media)] == [".bin"]


def test_without_words_and_recogniser_it_is_a_draft_that_wants_words(erin: Client) -> None:
    page = said(erin, erin.post(ADD, {"name": "Summer", "recording": upload()}))
    assert "The words could not be recognised: write them below before you publish." in page
    assert "is a draft" in page and "Nobody has written down what is said." in page
    assert newest("Summer").text == ""


def test_a_voice_service_that_is_not_there_is_known_at_once(erin: Client) -> None:
    began_at = time.monotonic()
    erin.post(ADD, {"name": "Summer", "text": "Hi.", "recording": upload()})
    assert time.monotonic() - began_at < 10  # It would be waited for for 20 seconds.
    assert newest("Summer").words == []


def test_it_goes_live_once_its_words_are_written(erin: Client) -> None:
    erin.post(ADD, {"name": "Summer", "recording": upload()})
    publishing = {"name": "Summer", "catalog_clip_save_and_publish": "1"}
    clip = newest("Summer").clip
    assert "Write down what is said in it first" in said(erin, erin.post(change(clip), publishing))
    clip.refresh_from_db()
    assert clip.published is None
    page = said(erin, erin.post(change(clip), {**publishing, "text": "We are away."}))
    assert "is published" in page
    clip.refresh_from_db()
    assert clip.published == newest("Summer")
    assert (newest("Summer").version, newest("Summer").text) == (1, "We are away.")


def test_what_is_said_is_written_down(erin: Client, settings: Any) -> None:
    with at_work(running()) as providers:
        settings.CARTESIA_BASE_URL = socket_url_of(providers)
        erin.post(ADD, {"name": "Hours", "recording": upload(LINE.audio, "line.ulaw")})
    assert newest("Hours").text == LINE.text


HEARD = {
    "text": "Thanks for coming.",
    "words": [
        {"word": "Thanks", "start": 0.1, "end": 0.4},
        {"word": "for", "start": 0.4, "end": 0.6},
        {"word": "coming.", "start": 0.6, "end": 1.0},
    ],
}


def test_typed_words_are_kept_with_the_times_of_those_that_were_heard(
    erin: Client, settings: Any
) -> None:
    with at_work(answering(document(**HEARD))) as settings.CARTESIA_BASE_URL:
        words = "Thanks for calling."
        erin.post(ADD, {"name": "Summer", "text": words, "recording": upload()})
    draft = newest("Summer")
    assert draft.text == "Thanks for calling."
    assert [word["word"] for word in draft.words] == draft.text.split()
    assert draft.words[0] == {"word": "Thanks", "start_ms": 100, "end_ms": 400}


def test_the_words_of_the_recording_before_are_not_taken_for_those_of_a_new_one(
    erin: Client, settings: Any
) -> None:
    clip = make_clip("Summer", text="We are away.")
    with at_work(answering(document(**HEARD))) as settings.CARTESIA_BASE_URL:
        erin.post(change(clip), {"name": "Summer", "text": "We are away.", "recording": upload()})
    assert (newest("Summer").version, newest("Summer").text) == (2, "Thanks for coming.")


def test_the_microphone_is_named_as_the_source(erin: Client) -> None:
    spoken = upload(recording("webm"), "microphone.webm")
    form = {"name": "Summer", "text": "Hi.", "recording": spoken, "from_microphone": "true"}
    erin.post(ADD, form)
    assert newest("Summer").source == Recording.Source.MICROPHONE


REFUSED = {
    "text": (b"Dear caller, " * 99, "not a sound file"),
    "over 10 MB": (b"\0" * 10_000_001, "larger than 10 MB"),
    "empty": (b"", "empty"),
    "over 60 seconds": (wav(voice(60.5, 8_000), 8_000), "longer than 60 seconds"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_nothing_is_left_of_a_file_that_is_refused(erin: Client, media: Path, name: str) -> None:
    data, sentence = REFUSED[name]
    clip = make_clip("Winter")
    before = (Clip.objects.count(), Recording.objects.count())
    for url in (ADD, change(clip)):
        form = {"name": "Summer", "text": "Hi.", "recording": upload(data, "summer.ulaw")}
        (error,) = errors_of(erin.post(url, form))["recording"]
        assert sentence in error
    assert (Clip.objects.count(), Recording.objects.count()) == before
    assert kept_files(media) == []
    clip.refresh_from_db()
    assert clip.name == "Winter"


# From a sentence ----------------------------------------------------------------------------


def test_a_sentence_is_spoken_by_the_voice_of_the_chosen_agent(
    erin: Client, settings: Any, media: Path
) -> None:
    vera = make_agent("Vera", voice_id="veras-voice", language="pt")
    with at_work(running()) as providers:
        settings.CARTESIA_BASE_URL = socket_url_of(providers)
        erin.post(
            ADD, {"name": "Summer", "sentence": "Thank you\r\nfor calling.", "agent": vera.pk}
        )
        (asked,) = (entry.body for entry in providers.log.entries("tts"))
    assert (asked["voice"], asked["language"]) == ({"id": "veras-voice"}, "pt")
    draft = newest("Summer")
    assert (draft.text, draft.source) == ("Thank you for calling.", Recording.Source.VOICE)
    assert [word["word"] for word in draft.words] == draft.text.split()
    assert draft.words[-1]["end_ms"] <= draft.duration_ms
    assert [path.suffix for path in kept_files(media)] == [".wav"]


def test_without_a_voice_the_error_stands_beside_the_sentence(erin: Client, media: Path) -> None:
    before = Clip.objects.count()
    errors = errors_of(erin.post(ADD, {"name": "Summer", "sentence": "Thank you."}))
    assert list(errors) == ["sentence"] and "did not answer" in errors["sentence"][0]
    assert Clip.objects.count() == before
    assert kept_files(media) == []


def test_a_sentence_that_is_too_long_is_refused(erin: Client) -> None:
    errors = errors_of(erin.post(ADD, {"name": "Summer", "sentence": "word " * 300}))
    assert list(errors) == ["sentence"]


# What has to be filled in -------------------------------------------------------------------


def test_a_recording_and_a_sentence_are_one_too_many(erin: Client) -> None:
    form = {"name": "Summer", "sentence": "Thank you.", "recording": upload()}
    assert "not both" in errors_of(erin.post(ADD, form))["sentence"][0]


def test_a_new_clip_wants_one_of_the_three(erin: Client) -> None:
    form = {"name": "Summer", "text": "Hi.", "sentence": "  "}
    assert "Choose a file" in errors_of(erin.post(ADD, form))["recording"][0]


@pytest.mark.parametrize("form", [{"name": ""}, {"name": "Welcome"}, {"name": "New", "agent": "9"}])
def test_nobody_is_asked_to_speak_while_another_field_is_wrong(
    erin: Client, monkeypatch: pytest.MonkeyPatch, form: dict[str, str]
) -> None:
    def asked(*_args: object, **_named: object) -> None:
        raise AssertionError("The voice was asked.")

    make_clip("Welcome")
    monkeypatch.setattr(clips, "speak", asked)
    assert errors_of(erin.post(ADD, {"sentence": "Thank you.", **form}))


@pytest.mark.django_db(transaction=True)
def test_calls_can_be_written_down_while_a_voice_is_awaited(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """SQLite has one writer: a transaction that waits for a voice would keep it for 20 seconds."""
    in_transaction = []

    def awaited(*_args: object, **_named: object) -> None:
        in_transaction.append(connection.in_atomic_block)
        raise SpeechError("Not today.")

    monkeypatch.setattr(clips, "transcribe", awaited)
    monkeypatch.setattr(clips, "speak", awaited)
    erin = editor()
    erin.post(ADD, {"name": "Summer", "recording": upload()})
    erin.post(ADD, {"name": "Autumn", "sentence": "Thank you."})
    assert in_transaction == [False, False]


def test_it_asks_for_the_token_that_keeps_other_sites_from_posting(db: None) -> None:
    suspicious = Client(enforce_csrf_checks=True)
    suspicious.cookies = editor().cookies
    assert suspicious.post(ADD, {"name": "Summer"}).status_code == 403
    assert suspicious.post(change(make_clip()), {"name": "Summer"}).status_code == 403


def test_without_any_agent_a_sentence_has_the_usual_voice(erin: Client, settings: Any) -> None:
    Agent.objects.all().delete()
    with at_work(running()) as providers:
        settings.CARTESIA_BASE_URL = socket_url_of(providers)
        erin.post(ADD, {"name": "Summer", "sentence": "Thank you."})
        (asked,) = (entry.body for entry in providers.log.entries("tts"))
    assert asked["voice"] == {"id": settings.CARTESIA_VOICE_ID}
