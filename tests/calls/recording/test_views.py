"""Who may hear a call, that it is written down, and what a browser's player needs."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, Permission, User
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.http import Http404
from django.http.response import HttpResponseBase
from django.test import RequestFactory

from calls.models import RecordingState
from calls.recording import shelf, views
from calls.recording.views import recording
from staff.models import AuditEntry
from tests.calls.recording.rows import recorded_call

pytestmark = pytest.mark.django_db

AUDIO = bytes(range(256)) * 12


@pytest.fixture
def call(recording_dir: Path) -> Any:
    cache.clear()
    call = recorded_call()
    storages["recordings"].save(call.recording, ContentFile(AUDIO))
    return call


def person(*codenames: str) -> User:
    user = User.objects.create(username="-".join(codenames) or "nobody", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return user


def ask(call: Any, user: Any = None, **headers: str) -> HttpResponseBase:
    request = RequestFactory().get("/", headers=headers)
    request.user = user or User.objects.filter(is_superuser=True).first() or superuser()
    return recording(request, call.pk)


def superuser() -> User:
    return User.objects.create(username="root", is_staff=True, is_superuser=True)


def reads() -> int:
    return AuditEntry.objects.filter(action=AuditEntry.Action.ACCESS).count()


def test_only_who_may_see_calls_and_hear_recordings_hears_one(call: Any) -> None:
    for user in (
        AnonymousUser(),
        person(),
        person("view_call"),
        person("hear_recording"),
    ):
        with pytest.raises(PermissionDenied):
            ask(call, user)
    assert reads() == 0
    response = ask(call, person("view_call", "hear_recording"))
    assert response.status_code == 200
    assert response["Content-Type"] == "audio/mpeg"
    assert "private" in response["Cache-Control"]


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-1", 0, 1),
        ("bytes=100-", 100, len(AUDIO) - 1),
        ("bytes=0-999999", 0, len(AUDIO) - 1),
        ("bytes=-56", len(AUDIO) - 56, len(AUDIO) - 1),
        ("bytes=-999999", 0, len(AUDIO) - 1),
    ],
)
def test_a_player_gets_at_any_moment(call: Any, asked: str, first: int, last: int) -> None:
    response: Any = ask(call, Range=asked)
    assert response.status_code == 206
    assert response["Content-Range"] == f"bytes {first}-{last}/{len(AUDIO)}"
    assert response["Accept-Ranges"] == "bytes"
    assert response.content == AUDIO[first : last + 1]


@pytest.mark.parametrize("asked", [f"bytes={len(AUDIO)}-", "bytes=9-8", "bytes=-0"])
def test_a_range_that_is_not_there_is_refused(call: Any, asked: str) -> None:
    response = ask(call, Range=asked)
    assert response.status_code == 416
    assert response["Content-Range"] == f"bytes */{len(AUDIO)}"


def test_an_hour_is_never_in_memory_at_once(call: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "MOST_AT_ONCE", 1_000)
    response: Any = ask(call, Range="bytes=500-")
    assert response["Content-Range"] == f"bytes 500-1499/{len(AUDIO)}"
    assert response.content == AUDIO[500:1_500]


async def pieces_of(response: Any) -> list[bytes]:
    return [piece async for piece in response]


@pytest.mark.parametrize("asked", [{}, {"Range": "seconds=1-2"}, {"Range": "bytes=-"}])
def test_a_download_brings_all_of_it_in_pieces(
    call: Any, monkeypatch: pytest.MonkeyPatch, asked: dict[str, str]
) -> None:
    from asgiref.sync import async_to_sync

    monkeypatch.setattr(views, "MOST_AT_ONCE", 1_000)
    response = ask(call, **asked)
    assert response["Content-Length"] == str(len(AUDIO))
    pieces = async_to_sync(pieces_of)(response)
    assert b"".join(pieces) == AUDIO and max(map(len, pieces)) == 1_000


def test_a_listening_is_written_down_once_however_often_the_player_asks(call: Any) -> None:
    listener = person("view_call", "hear_recording")
    for asked in ("bytes=5-", "bytes=0-1", "bytes=0-", "bytes=1000-"):
        ask(call, listener, Range=asked)
    assert reads() == 1
    ask(call, superuser())
    assert reads() == 2
    row = AuditEntry.objects.latest("pk")
    assert (row.content_type.model, row.object_pk) == ("call", str(call.pk))


@pytest.mark.parametrize("state", [s for s in RecordingState if s != RecordingState.READY])
def test_what_is_not_ready_is_not_there(recording_dir: Path, state: RecordingState) -> None:
    call = recorded_call(state)
    storages["recordings"].save(call.recording or "x", ContentFile(AUDIO))
    with pytest.raises(Http404):
        ask(call)
    assert reads() == 0


def test_a_file_that_is_gone_is_not_there(call: Any) -> None:
    shelf.delete(call.recording)
    shelf.delete(call.recording)
    with pytest.raises(Http404):
        ask(call)
