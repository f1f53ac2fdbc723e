"""The clip studio: three ways to a recording, how it will be heard, and every version of it."""

from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Max, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.decorators import method_decorator
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from catalog.admin.live_state import STATE_COLOURS, live_state
from catalog.admin.player import player
from catalog.admin.recorder_page import recorder_page
from catalog.admin.recording_cards import WAVE_HEIGHT, WAVE_WIDTH, audio_url, cards_of
from catalog.admin.recordings import RecordingPages
from catalog.admin.slow_form import SlowForm
from catalog.admin.versioned import VersionedAdmin
from catalog.clip_versions import add_sound, correct_words, discard
from catalog.forms.clips import ClipForm
from catalog.models import Clip
from catalog.publishing import publish_recording


@admin.register(Clip)
class ClipAdmin(VersionedAdmin, SlowForm):
    form = ClipForm
    versions_name = "recordings"
    draft_saved = _("Version %(version)d is a draft. Listen to it, then publish it.")
    publish_version = staticmethod(publish_recording)
    list_display = ("name", "says", "duration", "listen", "state", "used_by")
    search_fields = ("name", "recordings__text")
    change_form_outer_before_template = "catalog/clip_live.html"
    change_form_outer_after_template = "catalog/clip_versions.html"
    fieldsets = (
        (None, {"fields": ("name",)}),
        (_("A new recording"), {"fields": ("recording", "from_microphone", "sentence", "agent")}),
        (_("Its words"), {"fields": ("based_on", "text", "note")}),
    )

    # The list -------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[Clip]:
        clips: QuerySet[Clip] = super().get_queryset(request)
        # A list of fifty clips would otherwise read twenty megabytes of audio.
        unread = ("published__mulaw", "published__words")
        uses = ("greets_for", "bridges_for", "apologises_for", "closes_for")
        clips = clips.annotate(newest_version=Max("recordings__version"))
        return clips.select_related("published").defer(*unread).prefetch_related(*uses)

    @display(description=_("words"))
    def says(self, clip: Clip) -> str:
        return Truncator(clip.published.text).chars(80) if clip.published else "–"

    @display(description=_("duration"), ordering="published__duration_ms")
    def duration(self, clip: Clip) -> str:
        return f"{clip.published.duration_ms / 1000:.1f} s" if clip.published else "–"

    @display(description=_("as callers hear it"))
    def listen(self, clip: Clip) -> str:
        return player(clip)

    @display(description=_("state"), label=STATE_COLOURS)
    def state(self, clip: Clip) -> tuple[str, str]:
        newest: int = getattr(clip, "newest_version", None) or 0
        return live_state(clip.published.version if clip.published else None, newest)

    @display(description=_("used by"))
    def used_by(self, clip: Clip) -> str:
        return ", ".join(agent.name for agent in clip.agents()) or "–"

    # One clip -------------------------------------------------------------------

    @method_decorator(recorder_page)
    def changeform_view(self, *args: Any, **kwargs: Any) -> HttpResponse:
        page: HttpResponse = super().changeform_view(*args, **kwargs)
        return page

    def get_urls(self) -> list[URLPattern]:
        return [*RecordingPages(self).urls(), *super().get_urls()]

    def get_fieldsets(self, request: HttpRequest, obj: Clip | None = None) -> Any:
        may_fill_in = obj is None or self.has_change_permission(request, obj)
        return self.fieldsets if may_fill_in else self.fieldsets[:1]

    def page_context(self, owner: Clip | None) -> dict[str, Any]:
        size = {"wave_width": WAVE_WIDTH, "wave_height": WAVE_HEIGHT}
        if owner is None:
            return size
        live, draft = cards_of(owner)
        versions = owner.recordings.defer("mulaw", "words").order_by("-version")
        return {
            **size,
            "live": live,
            "draft": draft,
            "versions": [(version, audio_url(version)) for version in versions],
            "used_by": owner.agents(),
        }

    def save_model(
        self, request: HttpRequest, obj: Clip, form: "ModelForm[Clip]", change: bool
    ) -> None:
        assert isinstance(form, ClipForm)
        text, note = form.cleaned_data.get("text", ""), form.cleaned_data.get("note", "")
        with transaction.atomic():
            # Not what is published: somebody may have published another version since it was read.
            obj.save(update_fields=["name"] if change else None)
            if form.sound is not None:
                add_sound(obj, form.sound, note)
            elif form.newest is not None and (form.text_changed or note):
                correct_words(form.newest, text, note)
            if self.is_publishing(request):
                self.save_and_publish(request, obj)
        if form.warning:
            messages.warning(request, form.warning)

    def delete_model(self, request: HttpRequest, obj: Clip) -> None:
        # None was ever published. Each is a person's own voice: its file goes as well.
        for recording in obj.recordings.all():
            discard(recording)
        super().delete_model(request, obj)
