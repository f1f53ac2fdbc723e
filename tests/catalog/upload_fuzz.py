"""Broken files given to the upload form: each ends in a form error or in a valid clip."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from catalog import mulaw
from catalog.forms import clips
from catalog.models import Clip, Recording
from catalog.speech import SpeechError
from tests.catalog.broken_files import BrokenFile
from tests.catalog.studio import ADD, editor, errors_of, kept_files, upload


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    settings.MEDIA_ROOT = tmp_path
    # Words are typed, and to fail at the voice service takes 0.1 s of processor time each time.
    monkeypatch.setattr(clips, "transcribe", nobody_listens)
    return tmp_path


def nobody_listens(*_args: object, **_named: object) -> None:
    raise SpeechError("Nobody listens.")


@pytest.fixture
def erin(db: None) -> Client:
    return editor()


def feed(client: Client, files: Iterable[BrokenFile], media: Path) -> tuple[int, int]:
    """(how many became a clip, how many were refused); an exception of the view comes out here."""
    taken, refused = 0, 0
    for number, (name, data) in enumerate(files):
        before = (Clip.objects.count(), Recording.objects.count(), len(kept_files(media)))
        form = {"name": f"Clip {number}", "text": "Hi.", "recording": upload(data, name)}
        response = client.post(ADD, form)
        after = (Clip.objects.count(), Recording.objects.count(), len(kept_files(media)))
        if response.status_code == 302:
            assert after == tuple(count + 1 for count in before), name
            _is_whole(Clip.objects.get(name=f"Clip {number}"), data, name)
            taken += 1
        else:
            (sentence,) = errors_of(response)["recording"]
            assert sentence.endswith("."), name
            assert after == before, name
            refused += 1
    return taken, refused


def _is_whole(clip: Clip, data: bytes, name: str) -> None:
    recording = clip.recordings.get()
    audio = bytes(recording.mulaw)
    assert audio and len(audio) % mulaw.FRAME_BYTES == 0, name
    assert recording.duration_ms == len(audio) // 8 <= 60_000, name
    with recording.original.open("rb") as original:
        assert original.read() == data, name
