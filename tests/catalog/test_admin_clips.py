"""The clip pages: what is uploaded is what callers hear, or an error beside the field."""

import io
import wave
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from catalog.models import Clip
from catalog.transcoding import transcode
from tests.catalog.factories import make_clip
from tests.catalog.recordings import recording

ADD = "/admin/catalog/clip/add/"
LIST = "/admin/catalog/clip/"


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def upload(data: bytes, name: str = "summer.mp3") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def change(clip: Clip) -> str:
    return reverse("admin:catalog_clip_change", args=(clip.pk,))


def audio(clip: Clip) -> str:
    return reverse("admin:catalog_clip_audio", args=(clip.pk,))


def test_it_keeps_an_upload_as_callers_will_hear_it(alice: Client, media: Path) -> None:
    data = recording("mp3")
    response = alice.post(
        ADD, {"name": "Summer", "text": "We are away.", "recording": upload(data)}
    )
    assert response.status_code == 302
    clip = Clip.objects.get(name="Summer")
    assert bytes(clip.mulaw) == transcode(data, "summer.mp3").mulaw
    assert clip.loudness_lufs == pytest.approx(-19, abs=0.5)
    assert (media / clip.original.name).read_bytes() == data


@pytest.mark.parametrize(
    ("data", "sentence"),
    [(b"Dear caller, " * 99, "not a sound file"), (b"\0" * 10_000_001, "larger than 10 MB")],
)
def test_it_saves_nothing_of_a_bad_upload(
    alice: Client, media: Path, data: bytes, sentence: str
) -> None:
    before = Clip.objects.count()
    response = alice.post(ADD, {"name": "Summer", "text": "Hi.", "recording": upload(data)})
    assert response.status_code == 200
    assert sentence in response.content.decode()
    assert Clip.objects.count() == before
    assert list(media.rglob("*.mp3")) == []


def test_it_wants_a_recording_for_a_new_clip(alice: Client) -> None:
    response = alice.post(ADD, {"name": "Summer", "text": "Hi."})
    assert response.context["adminform"].form.errors == {"recording": ["This field is required."]}


def test_it_keeps_the_recording_when_only_the_text_is_corrected(alice: Client) -> None:
    clip = make_clip(words=[{"word": "Helo.", "start_ms": 0, "end_ms": 400}])
    alice.post(change(clip), {"name": clip.name, "text": "Hello!"})
    corrected = Clip.objects.get(pk=clip.pk)
    assert corrected.text == "Hello!"
    assert bytes(corrected.mulaw) == bytes(clip.mulaw)
    # The times were those of the words it no longer says it has.
    assert corrected.words == []


def test_it_survives_a_form_that_asks_to_clear_the_recording(alice: Client) -> None:
    clip = make_clip()
    alice.post(change(clip), {"name": "Other", "text": "Hello.", "recording-clear": "on"})
    assert bytes(Clip.objects.get(name="Other").mulaw) == bytes(clip.mulaw)


def test_it_plays_a_clip_to_staff(alice: Client) -> None:
    clip = make_clip()
    response = alice.get(audio(clip))
    with wave.open(io.BytesIO(response.content)) as played:
        assert played.getnframes() == len(clip.mulaw)


def test_it_plays_nothing_to_strangers(client: Client, db: None) -> None:
    response = client.get(audio(make_clip()))
    assert response.status_code == 302
    assert response["Location"].startswith("/admin/login/")


def test_it_plays_nothing_to_staff_who_may_not_see_clips(bob: Client) -> None:
    assert bob.get(audio(make_clip())).status_code == 403


def test_it_has_nothing_to_play_of_an_empty_clip(alice: Client) -> None:
    assert alice.get(audio(make_clip(mulaw=b""))).status_code == 404
    assert alice.get(reverse("admin:catalog_clip_audio", args=(9_999,))).status_code == 404


def test_its_list_shows_player_and_length(alice: Client) -> None:
    clip = make_clip()
    page = alice.get(LIST).content.decode()
    assert f'src="{audio(clip)}?{clip.sha256[:8]}"' in page
    assert "0.5 s" in page and "4.6 s" in page
    assert "Reception" in page


def test_its_list_reads_no_audio(
    alice: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(10):
        make_clip(f"Clip {number}")
    with django_assert_max_num_queries(10) as queries:
        alice.get(LIST)
    assert not [query for query in queries.captured_queries if "mulaw" in query["sql"]]


def test_a_clip_in_use_is_not_deleted(alice: Client) -> None:
    clip = Clip.objects.get(name="Default greeting")
    page: Any = alice.post(reverse("admin:catalog_clip_delete", args=(clip.pk,)), {"post": "yes"})
    assert page.status_code == 200 and page.context["protected"]
    assert Clip.objects.filter(pk=clip.pk).exists()
