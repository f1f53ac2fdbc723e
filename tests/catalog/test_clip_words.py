"""The clip form once there is a recording: its words are corrected, and nobody's are lost."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from catalog.forms import clips
from catalog.models import Clip, Recording
from catalog.speech import SpeechError
from tests.catalog.factories import make_clip, make_recording
from tests.catalog.studio import change, editor, errors_of, nobody_speaks, upload


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
    assert (
        "A note is kept only with a new version"
        in errors_of(erin.post(change(clip), form))["note"][0]
    )
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
