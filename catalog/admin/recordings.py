"""What can be done with one recording: hear it, hear its original, publish it, discard it."""

from auditlog.signals import accessed
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin

from catalog.admin.live_message import say_it_is_live
from catalog.clip_versions import discard
from catalog.models import Recording
from catalog.publishing import CannotPublish, publish_recording
from catalog.wav_response import audio_response, wav_response

# By its suffix, which was checked when it was kept. Anything else is offered as bytes.
CONTENT_TYPES = {
    "wav": "audio/wav",
    "mp3": "audio/mpeg",
    "m4a": "audio/mp4",
    "mp4": "audio/mp4",
    "aac": "audio/aac",
    "ogg": "audio/ogg",
    "oga": "audio/ogg",
    "opus": "audio/ogg",
    "flac": "audio/flac",
    "webm": "audio/webm",
}


class RecordingPages:
    """The URLs below a clip's own, for the admin of clips to include."""

    def __init__(self, admin: ModelAdmin) -> None:
        self._admin = admin

    def urls(self) -> list[URLPattern]:
        def page(name: str, view: object) -> URLPattern:
            end = {"audio": "audio.wav"}.get(name, name)
            guarded = self._admin.admin_site.admin_view(view)
            at: URLPattern = path(
                f"recordings/<int:pk>/{end}", guarded, name=f"catalog_recording_{name}"
            )
            return at

        return [
            page("audio", self.audio),
            page("original", self.original),
            page("publish", require_POST(self.publish)),
            page("discard", require_POST(self.discard)),
        ]

    def audio(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The very samples callers hear."""
        return wav_response(request, bytes(self._recording(request, pk, change=False).mulaw))

    def original(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The file that was uploaded. A person's own voice, so who listened is written down."""
        recording = self._recording(request, pk, change=False)
        name = recording.original.name
        if not name or not recording.original.storage.exists(name):
            raise Http404
        accessed.send(sender=Recording, instance=recording)
        with recording.original.open("rb") as file:
            data = file.read()
        suffix = name.rsplit(".", 1)[-1]
        return audio_response(request, data, CONTENT_TYPES.get(suffix, "application/octet-stream"))

    def publish(self, request: HttpRequest, pk: int) -> HttpResponse:
        recording = self._recording(request, pk, change=True)
        try:
            with transaction.atomic():
                publish_recording(recording)
        except CannotPublish as error:
            messages.error(request, str(error))
        else:
            say_it_is_live(request, recording)
        return _back_to_the_clip(recording)

    def discard(self, request: HttpRequest, pk: int) -> HttpResponse:
        recording = self._recording(request, pk, change=True)
        if discard(recording):
            messages.success(
                request,
                _("The draft, version %(version)d, is discarded.") % {"version": recording.version},
            )
        else:
            messages.error(request, _("This version was published once: it stays in the history."))
        return _back_to_the_clip(recording)

    def _recording(self, request: HttpRequest, pk: int, *, change: bool) -> Recording:
        allowed = (
            self._admin.has_change_permission(request)
            if change
            else self._admin.has_view_permission(request)
        )
        if not allowed:
            raise PermissionDenied
        return get_object_or_404(Recording.objects.select_related("clip"), pk=pk)


def _back_to_the_clip(recording: Recording) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("admin:catalog_clip_change", args=(recording.clip_id,)))
