"""The clip pages: what is shown and played, and who may publish or discard."""

import io
import wave
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from catalog import mulaw
from catalog.admin.recording_cards import card
from catalog.models import Clip, Recording
from tests.catalog.factories import make_agent, make_clip, make_recording
from tests.catalog.studio import LIST, change, editor, kept_files, page_of, reader

SCRIPT = "<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def erin(db: None) -> Client:
    return editor()


@pytest.fixture
def rita(db: None) -> Client:
    return reader()


def draft_of(clip: Clip, original: str = "original.wav", **fields: Any) -> Recording:
    draft = make_recording(clip, **fields)
    draft.original.save(original, ContentFile(b"RIFF the file"))
    return draft


# What is on the page ------------------------------------------------------------------------


def test_it_shows_what_is_live_beside_the_draft(erin: Client) -> None:
    clip = make_clip(text="Hello.", loudness_before_lufs=-31.24, loudness_after_lufs=-19.04)
    make_agent("Vera", greeting_clip=clip)
    words = [{"word": "Good", "start_ms": 0, "end_ms": 300}]
    draft = draft_of(clip, text="Good morning.", words=words, note="Warmer", author_name="erin")
    page = erin.get(change(clip)).content.decode()
    for recording in (clip.recordings.get(version=1), draft):
        assert card(recording, live=False).wave in page
        assert f'src="{page_of("audio", recording)}?{recording.sha256[:8]}"' in page
        assert page_of("publish", recording) in page or recording != draft
    assert f'src="{page_of("original", draft)}"' in page
    assert page_of("discard", draft) in page
    for shown in ("-31.2 LUFS", "-19.0 LUFS", "0.5 s", "1 word", "Warmer", "Played by Vera"):
        assert shown in page
    assert "Version 2, not published" in page


def test_it_says_so_when_an_original_is_not_on_this_machine(erin: Client) -> None:
    clip = make_clip()
    gone = draft_of(clip)
    gone.original.storage.delete(gone.original.name)
    page = erin.get(change(clip)).content.decode()
    assert "No original is kept on this machine." in page
    assert page_of("original", gone) not in page
    assert erin.get(page_of("original", gone)).status_code == 404
    assert erin.get(page_of("original", clip.recordings.get(version=1))).status_code == 404


def test_a_clip_of_which_nothing_is_left_can_be_opened(erin: Client) -> None:
    page = erin.get(change(Clip.objects.create(name="Empty"))).content.decode()
    assert "Nothing of this clip is published yet." in page


def test_nothing_that_staff_write_becomes_part_of_the_page(erin: Client) -> None:
    clip = make_clip(f"Clip {SCRIPT}"[:80], text=SCRIPT)
    draft_of(clip, text=SCRIPT, note=SCRIPT, author_name=SCRIPT)
    make_agent(SCRIPT, greeting_clip=clip)
    for url in (change(clip), LIST):
        assert SCRIPT not in erin.get(url).content.decode()


def test_its_list_shows_player_and_length(erin: Client) -> None:
    clip = make_clip()
    live = clip.recordings.get()
    page = erin.get(LIST).content.decode()
    assert f'src="{page_of("audio", live)}?{live.sha256[:8]}"' in page
    assert "0.5 s" in page and "Version 1" in page and "Reception" in page


def test_its_list_reads_no_audio(
    erin: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(10):
        make_clip(f"Clip {number}")
    with django_assert_max_num_queries(16) as queries:
        erin.get(LIST)
    assert not [query for query in queries.captured_queries if "mulaw" in query["sql"]]


# Who may only read --------------------------------------------------------------------------


def test_a_reader_hears_everything_and_is_offered_nothing_to_fill_in(rita: Client) -> None:
    clip = make_clip()
    draft = draft_of(clip)
    page = rita.get(change(clip)).content.decode()
    assert page_of("audio", draft) in page and page_of("original", draft) in page
    for offered in ("publish", "discard", 'type="file"', "Save", "id_text", "based_on"):
        assert offered not in page.partition("<main")[2].replace("published", "")
    assert rita.get(page_of("audio", draft)).status_code == 200
    assert rita.get(page_of("original", draft)).status_code == 200


def test_a_reader_changes_nothing(rita: Client) -> None:
    clip = make_clip()
    draft = draft_of(clip)
    for url in (page_of("publish", draft), page_of("discard", draft), change(clip)):
        assert rita.post(url, {"name": "Mine", "text": "Mine."}).status_code == 403
    clip.refresh_from_db()
    assert (clip.name, clip.published) == ("Welcome", clip.recordings.get(version=1))
    assert Recording.objects.filter(pk=draft.pk).exists()


def test_strangers_hear_nothing(client: Client, bob: Client) -> None:
    draft = draft_of(make_clip())
    for page in ("audio", "original"):
        assert Client().get(page_of(page, draft))["Location"].startswith("/admin/login/")
        assert bob.get(page_of(page, draft)).status_code == 403


# Publishing and discarding ------------------------------------------------------------------


def test_a_draft_is_published_and_the_old_one_published_again(erin: Client) -> None:
    clip = make_clip()
    make_agent("Vera", greeting_clip=clip)
    first, second = clip.recordings.get(), draft_of(clip)
    for recording in (second, first):
        response = erin.post(page_of("publish", recording), follow=True)
        said = f"version {recording.version}, is published. The next call answered by Vera has it."
        assert said in response.content.decode()
        clip.refresh_from_db()
        assert clip.published == recording
    assert "Publish again" in erin.get(change(clip)).content.decode()


def test_a_draft_without_words_is_not_published(erin: Client) -> None:
    clip = make_clip()
    response = erin.post(page_of("publish", draft_of(clip, text=" ")), follow=True)
    assert "Write down what is said in it first" in response.content.decode()
    clip.refresh_from_db()
    assert clip.published == clip.recordings.get(version=1)


def test_a_draft_is_discarded_with_its_file(
    erin: Client, media: Path, django_capture_on_commit_callbacks: Any
) -> None:
    clip = make_clip()
    draft = draft_of(clip)
    with django_capture_on_commit_callbacks(execute=True):
        response = erin.post(page_of("discard", draft), follow=True)
    assert "The draft, version 2, is discarded." in response.content.decode()
    assert (clip.recordings.count(), kept_files(media)) == (1, [])


def test_what_was_published_once_stays(erin: Client) -> None:
    clip = make_clip()
    first = clip.recordings.get()
    erin.post(page_of("publish", draft_of(clip)))
    response = erin.post(page_of("discard", first), follow=True)
    assert "it stays in the history" in response.content.decode()
    delete = reverse("admin:catalog_clip_delete", args=(clip.pk,))
    assert erin.post(delete, {"post": "yes"}).status_code == 403
    assert clip.recordings.count() == 2


def test_a_clip_that_never_was_published_is_deleted_with_its_files(
    erin: Client, media: Path, django_capture_on_commit_callbacks: Any
) -> None:
    clip = Clip.objects.create(name="Never")
    draft_of(clip)
    with django_capture_on_commit_callbacks(execute=True):
        erin.post(reverse("admin:catalog_clip_delete", args=(clip.pk,)), {"post": "yes"})
    assert not Clip.objects.filter(pk=clip.pk).exists()
    assert kept_files(media) == []


@pytest.mark.parametrize("page", ["publish", "discard"])
def test_nothing_happens_by_following_a_link(erin: Client, page: str) -> None:
    draft = draft_of(make_clip())
    assert erin.get(page_of(page, draft)).status_code == 405
    assert erin.post(page_of(page, draft).replace(str(draft.pk), "9" * 25)).status_code == 404


# What is played -----------------------------------------------------------------------------


def test_it_plays_the_very_samples_that_callers_hear(erin: Client) -> None:
    live = make_clip(mulaw=bytes(range(256)) * 10).recordings.get()
    with wave.open(io.BytesIO(erin.get(page_of("audio", live)).content)) as played:
        assert played.readframes(10_000) == mulaw.decode(bytes(live.mulaw))


@pytest.mark.parametrize(
    ("asked", "status", "body"),
    [
        ("bytes=0-3", 206, b"RIFF"),
        ("bytes=5-", 206, b"the file"),
        ("bytes=99-", 416, b""),
        (f"bytes={'9' * 5_000}-", 200, b"RIFF the file"),
    ],
)
def test_it_answers_byte_ranges(erin: Client, asked: str, status: int, body: bytes) -> None:
    draft = draft_of(make_clip())
    response = erin.get(page_of("original", draft), headers={"range": asked})
    assert (response.status_code, response.content) == (status, body)
    audio = erin.get(page_of("audio", draft), headers={"range": "bytes=0-3"})
    assert (audio.status_code, audio.content) == (206, b"RIFF")


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("a.wav", "audio/wav"),
        ("a.mp3", "audio/mpeg"),
        ("a.webm", "audio/webm"),
        ("a.bin", "application/octet-stream"),
        ("a.html", "application/octet-stream"),
    ],
)
def test_an_original_is_never_taken_for_a_page(erin: Client, name: str, content_type: str) -> None:
    response = erin.get(page_of("original", draft_of(make_clip(), original=name)))
    assert response["Content-Type"] == content_type
    assert response["X-Content-Type-Options"] == "nosniff"
