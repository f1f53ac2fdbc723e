"""catalog/clip_versions.py: numbers, words and originals of a clip's versions."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import connection

from catalog import clip_versions
from catalog.clip_versions import NewSound, add_sound, correct_words, discard, timings
from catalog.models import Clip, Recording
from catalog.publishing import publish_recording
from catalog.snapshot import WordTiming
from catalog.transcoding import Transcoded
from tests.catalog.factories import HALF_A_SECOND, make_clip, make_recording
from tests.catalog.studio import kept_files

HELLO = [
    {"word": "Helo", "start_ms": 0, "end_ms": 200},
    {"word": "there.", "start_ms": 200, "end_ms": 450},
]


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def sound(text: str = "Hello.", file_name: str = "a.wav") -> NewSound:
    return NewSound(
        source=Recording.Source.UPLOAD,
        original=b"the file",
        file_name=file_name,
        transcoded=Transcoded(HALF_A_SECOND, 500, -20.5, -19.0),
        text=text,
        words=(WordTiming("Hello.", 10, 400),),
    )


def with_original(clip: Clip, **fields: Any) -> Recording:
    recording = make_recording(clip, **fields)
    recording.original.save("original.wav", ContentFile(b"the file"))
    return recording


@pytest.mark.django_db
def test_a_new_sound_is_the_next_version_and_not_published() -> None:
    clip = make_clip()
    added = add_sound(clip, sound(), "Warmer")
    added.refresh_from_db()
    assert (added.version, added.note, added.published_at) == (2, "Warmer", None)
    assert (bytes(added.mulaw), added.duration_ms) == (HALF_A_SECOND, 500)
    assert (added.loudness_before_lufs, added.loudness_after_lufs) == (-20.5, -19.0)
    assert timings(added) == (WordTiming("Hello.", 10, 400),)
    clip.refresh_from_db()
    assert clip.published != added


@pytest.mark.django_db
def test_no_file_is_left_of_a_version_that_could_not_be_saved(
    media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_recording: Recording) -> Recording:
        raise RuntimeError("The disk is full.")

    clip = make_clip()
    monkeypatch.setattr(clip_versions, "_numbered", broken)
    with pytest.raises(RuntimeError):
        add_sound(clip, sound(), "")
    assert kept_files(media) == []


@pytest.mark.parametrize("name", ["../../etc/passwd.wav", "/root/a.wav", "a\0.wav", "Maria.WAV"])
@pytest.mark.django_db
def test_of_a_file_name_only_the_suffix_is_kept(media: Path, name: str) -> None:
    clip = make_clip()
    add_sound(clip, sound(file_name=name), "")
    assert kept_files(media) == [media / "clips" / "originals" / f"clip-{clip.pk}.wav"]


@pytest.mark.django_db
def test_words_of_a_published_version_are_corrected_in_a_new_one_of_the_same_sound(
    media: Path,
) -> None:
    clip = make_clip()
    live = with_original(clip, text="Helo there.", words=HELLO)
    publish_recording(live)
    corrected = correct_words(live, "Hello there.", "Spelling")
    live.refresh_from_db()
    assert live.text == "Helo there."
    assert (corrected.version, corrected.source) == (3, Recording.Source.EDITED)
    assert (corrected.sha256, corrected.original) == (live.sha256, live.original)
    # Said as it is written: it keeps its times. What was replaced has those of what it replaces.
    assert timings(corrected) == (WordTiming("Hello", 0, 200), WordTiming("there.", 200, 450))
    assert len(kept_files(media)) == 1


@pytest.mark.django_db
def test_words_of_a_draft_are_corrected_in_place() -> None:
    draft = make_recording(make_clip(), text="Helo there.", words=HELLO, note="First")
    assert correct_words(draft, "Hello there.", "") == draft
    draft.refresh_from_db()
    assert (draft.version, draft.text, draft.note) == (2, "Hello there.", "First")
    assert [word.word for word in timings(draft)] == ["Hello", "there."]


@pytest.mark.django_db
def test_times_are_dropped_when_something_else_is_said() -> None:
    draft = make_recording(make_clip(), text="Helo there.", words=HELLO)
    assert timings(correct_words(draft, "We are closed until Monday.", "")) == ()


@pytest.mark.django_db
def test_a_draft_that_was_published_meanwhile_stays_as_it_was_published() -> None:
    draft = make_recording(make_clip(), text="Helo there.")
    publish_recording(Recording.objects.get(pk=draft.pk))
    corrected = correct_words(draft, "Hello there.", "")
    assert Recording.objects.get(pk=draft.pk).text == "Helo there."
    assert (corrected.version, corrected.text) == (3, "Hello there.")


@pytest.mark.django_db
def test_a_discarded_draft_takes_its_original_with_it(
    media: Path, django_capture_on_commit_callbacks: Any
) -> None:
    draft = with_original(make_clip())
    with django_capture_on_commit_callbacks(execute=True):
        assert discard(draft)
        assert len(kept_files(media)) == 1  # It may yet be rolled back.
    assert kept_files(media) == []
    assert not Recording.objects.filter(pk=draft.pk).exists()


@pytest.mark.django_db
def test_an_original_that_another_version_has_stays(
    media: Path, django_capture_on_commit_callbacks: Any
) -> None:
    live = with_original(make_clip())
    publish_recording(live)
    corrected = correct_words(live, "Other words.", "")
    with django_capture_on_commit_callbacks(execute=True):
        assert discard(corrected)
    assert len(kept_files(media)) == 1


@pytest.mark.django_db
def test_what_was_published_once_is_not_discarded() -> None:
    clip = make_clip()
    first, second = clip.recordings.get(), make_recording(clip)
    stale = Recording.objects.get(pk=second.pk)
    publish_recording(second)
    assert not discard(stale)
    assert not discard(first)
    assert clip.recordings.count() == 2


@pytest.mark.django_db(transaction=True)
def test_people_who_save_at_once_get_numbers_of_their_own(media: Path) -> None:
    clip, people = make_clip(), 4
    together = Barrier(people)

    def save(number: int) -> int:
        try:
            together.wait(timeout=10)
            if number % 2:
                return add_sound(clip, sound(), "").version
            return correct_words(clip.recordings.get(version=1), f"Words {number}.", "").version
        finally:
            connection.close()

    with ThreadPoolExecutor(people) as threads:
        versions = sorted(threads.map(save, range(people)))
    assert versions == [2, 3, 4, 5]
    assert len(kept_files(media)) == 2
