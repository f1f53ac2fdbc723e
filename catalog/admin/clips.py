"""Clips: upload a recording, hear it as callers do."""
# Unfold publishes no types:

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet, TextField
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget

from catalog.admin.player import player
from catalog.forms import ClipForm
from catalog.models import Clip
from catalog.wav_response import wav_response


@admin.register(Clip)
class ClipAdmin(ModelAdmin):
    form = ClipForm
    formfield_overrides = {TextField: {"widget": UnfoldAdminTextareaWidget({"rows": 3})}}
    list_display = ("name", "says", "duration", "listen", "used_by", "updated_at")
    search_fields = ("name", "text")
    readonly_fields = ("listen", "duration", "loudness", "used_by")
    fieldsets = (
        (None, {"fields": ("name", "text", "recording")}),
        (_("What callers hear"), {"fields": ("listen", "duration", "loudness", "used_by")}),
    )
    add_fieldsets = ((None, {"fields": ("name", "text", "recording")}),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Clip]:
        clips: QuerySet[Clip] = super().get_queryset(request)
        # A list of fifty clips would otherwise read twenty megabytes of audio.
        if request.resolver_match and request.resolver_match.url_name == "catalog_clip_changelist":
            clips = clips.defer("mulaw", "words")
        return clips.prefetch_related("greets_for", "apologises_for")

    def get_urls(self) -> list[URLPattern]:
        audio = path(
            "<int:pk>/audio.wav",
            self.admin_site.admin_view(self.audio_view),
            name="catalog_clip_audio",
        )
        return [audio, *super().get_urls()]

    def audio_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        clip = Clip.objects.filter(pk=pk).first()
        if not self.has_view_permission(request, clip):
            raise PermissionDenied
        if clip is None or not clip.mulaw:
            raise Http404
        return wav_response(request, bytes(clip.mulaw))

    @display(description=_("text"), ordering="text")
    def says(self, clip: Clip) -> str:
        return Truncator(clip.text).chars(80)

    @display(description=_("as callers hear it"))
    def listen(self, clip: Clip) -> str:
        return player(clip)

    @display(description=_("duration"), ordering="duration_ms")
    def duration(self, clip: Clip) -> str:
        return f"{clip.duration_ms / 1000:.1f} s" if clip.duration_ms else "–"

    @display(description=_("loudness"))
    def loudness(self, clip: Clip) -> str:
        return "–" if clip.loudness_lufs is None else f"{clip.loudness_lufs:.1f} LUFS"

    @display(description=_("used by"))
    def used_by(self, clip: Clip) -> str:
        agents = {*clip.greets_for.all(), *clip.apologises_for.all()}
        return ", ".join(sorted(agent.name for agent in agents)) or "–"
