"""Clips."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from unfold.admin import ModelAdmin

from catalog.models import Clip, Recording
from catalog.wav_response import wav_response


@admin.register(Clip)
class ClipAdmin(ModelAdmin):
    list_display = ("name",)
    search_fields = ("name",)

    def get_urls(self) -> list[URLPattern]:
        audio = path(
            "recordings/<int:pk>/audio.wav",
            self.admin_site.admin_view(self.audio_view),
            name="catalog_recording_audio",
        )
        return [audio, *super().get_urls()]

    def audio_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        recording = get_object_or_404(Recording, pk=pk)
        return wav_response(request, bytes(recording.mulaw))
