"""The clip form: a file, a microphone or a sentence becomes a draft, or an error beside its field."""

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
from tests.catalog.factories import make_agent, make_clip, make_recording
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
UNTIMED = {"text": "Hello.", "words": []}


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


# Its words ----------------------------------------------------------------------------------


def test_words_of_a_draft_are_corrected_in_place(erin: Client) -> None:
    clip = make_clip("Summer", text="Hello.")
    make_recording(clip, text="We are awake.", note="First try")
    erin.post(change(clip), {"name": "Summer", "text": "We are away.", "note": ""})
    assert [row.version for row in clip.recordings.all()] == [2, 1]
    assert (newest("Summer").text, newest("Summer").note) == ("We are away.", "First try")


def test_words_that_were_published_are_corrected_in_the_next_version(erin: Client) -> None:
    clip = make_clip("Summer", text="Helo.")
    response = erin.post(change(clip), {"name": "Summer", "text": "Hello.", "note": "Spelling"})
    assert "Version 2 is a draft" in said(erin, response)
    clip.refresh_from_db()
    assert clip.published is not None and clip.published.text == "Helo."
    corrected = newest("Summer")
    assert (corrected.text, corrected.source, corrected.note) == ("Hello.", "edited", "Spelling")


def test_another_name_alone_makes_no_version(erin: Client) -> None:
    clip = make_clip("Summer", text="Hello  there.")
    erin.post(change(clip), {"name": "Autumn", "text": "Hello\r\nthere."})
    clip.refresh_from_db()
    assert (clip.name, clip.recordings.count()) == ("Autumn", 1)


def test_words_cannot_be_taken_away(erin: Client) -> None:
    clip = make_clip("Summer")
    errors = errors_of(erin.post(change(clip), {"name": "Summer", "text": " "}))
    assert "Write down what is said" in errors["text"][0]


def test_a_note_is_kept_with_a_draft_and_not_silently_lost_with_what_is_live(erin: Client) -> None:
    clip = make_clip("Summer", text="Hello.")
    form = {"name": "Summer", "text": "Hello.", "note": "Too fast"}
    assert "a note goes with a new version" in errors_of(erin.post(change(clip), form))["note"][0]
    make_recording(clip, text="Hello.")
    erin.post(change(clip), form)
    assert newest("Summer").note == "Too fast"


def test_words_written_while_somebody_else_saved_are_asked_for_again(erin: Client) -> None:
    clip = make_clip("Summer", text="Hello.")
    page = erin.get(change(clip))
    opened_with = page.context["adminform"].form["based_on"].value()
    make_recording(clip, text="Good morning.", author_name="Olga")
    form = {"name": "Summer", "text": "Hello there.", "based_on": opened_with}
    refused = erin.post(change(clip), form)
    assert errors_of(refused)["__all__"][0].startswith(
        "While you were writing, version 2 was saved by Olga."
    )
    assert newest("Summer").text == "Good morning."
    again = refused.context["adminform"].form["based_on"].value()
    assert erin.post(change(clip), {**form, "based_on": again}).status_code == 302
    assert newest("Summer").text == "Hello there."


def test_untouched_words_do_not_overwrite_those_of_a_newer_version(erin: Client) -> None:
    clip = make_clip("Summer", text="Hello.")
    make_recording(clip, text="Good morning.")
    erin.post(change(clip), {"name": "Autumn", "text": "Hello.", "based_on": 1})
    assert newest("Autumn").text == "Good morning."


@pytest.mark.parametrize("nonsense", ["x", "-1", "9" * 30, "9" * 5_000, "1.5"])
def test_it_survives_a_version_that_there_is_not(erin: Client, nonsense: str) -> None:
    clip = make_clip("Summer")
    response = erin.post(
        change(clip), {"name": "Summer", "text": "Other words.", "based_on": nonsense}
    )
    assert response.status_code in (200, 302)


def test_saving_does_not_undo_what_was_published_meanwhile(
    erin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = make_clip("Summer", text="Hello.")
    second = make_recording(clip, text="Good morning.")

    def meanwhile(*_args: object, **_named: object) -> None:
        Clip.objects.filter(pk=clip.pk).update(published=second)
        raise SpeechError("Not today.")

    monkeypatch.setattr(clips, "transcribe", meanwhile)
    erin.post(change(clip), {"name": "Summer", "text": "New.", "recording": upload()})
    clip.refresh_from_db()
    assert clip.published == second


def test_it_survives_a_form_that_asks_to_clear_the_recording(erin: Client) -> None:
    clip = make_clip("Summer", text="Hello.")
    erin.post(change(clip), {"name": "Other", "text": "Hello.", "recording-clear": "on"})
    assert bytes(newest("Other").mulaw) == bytes(clip.recordings.get().mulaw)
