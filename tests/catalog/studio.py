"""The clip studio as an editor uses it, and what stands behind it: a voice service, or none."""

from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from pathlib import Path
from typing import Any, TypeVar

from anyio.from_thread import start_blocking_portal
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from catalog.models import Clip, Recording
from catalog.speech import vendor
from tests.catalog.recordings import recording

ADD = "/admin/catalog/clip/add/"
LIST = "/admin/catalog/clip/"
ServiceT = TypeVar("ServiceT")


def logged_in(name: str, *rights: str) -> Client:
    """Somebody of the staff with these rights: "view" or "view_clip", all within the catalog."""
    user = User.objects.create_user(name, is_staff=True)
    of_catalog = Permission.objects.filter(content_type__app_label="catalog")
    for right in rights:
        user.user_permissions.add(*of_catalog.filter(codename__startswith=right))
    client = Client()
    client.force_login(user)
    return client


def editor(name: str = "erin") -> Client:
    return logged_in(name, "view", "add", "change", "delete")


def reader() -> Client:
    return logged_in("rita", "view")


def nobody_speaks(settings: Any, monkeypatch: Any) -> None:
    """Where the voice service should be, connections are refused."""
    settings.CARTESIA_BASE_URL = "ws://127.0.0.1:1"
    settings.CARTESIA_API_KEY = ""
    monkeypatch.setattr(vendor, "PAUSE_SECONDS", 0.0)


@contextmanager
def at_work(service: AbstractAsyncContextManager[ServiceT]) -> Iterator[ServiceT]:
    """A service on an event loop of its own, beside a test that blocks."""
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(service) as running,
    ):
        yield running


def upload(data: bytes | None = None, name: str = "summer.mp3") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, recording("mp3") if data is None else data)


def change(clip: Clip) -> str:
    return reverse("admin:catalog_clip_change", args=(clip.pk,))


def page_of(name: str, recording: Recording) -> str:
    return reverse(f"admin:catalog_recording_{name}", args=(recording.pk,))


def errors_of(response: Any) -> dict[str, list[str]]:
    """Of a form that was refused; "__all__" are those beside no field."""
    assert response.status_code == 200, response
    return dict(response.context["adminform"].form.errors)


def kept_files(media: Path) -> list[Path]:
    return sorted(path for path in media.rglob("*") if path.is_file())
