"""Clips: what is said in a recording, and every version of the sound of it."""

import hashlib
from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog import mulaw

if TYPE_CHECKING:
    from catalog.models.agents import Agent


class Clip(models.Model):
    """A thing the agents play. Callers hear its published recording, and nothing else of it."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    published = models.ForeignKey(
        "catalog.Recording",
        on_delete=models.RESTRICT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("published recording"),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        ordering = ("name",)
        verbose_name = _("clip")
        verbose_name_plural = _("clips")

    def __str__(self) -> str:
        return self.name

    def agents(self) -> "list[Agent]":
        """Those who play it, for whatever reason, by name."""
        used = {*self.greets_for.all(), *self.bridges_for.all()}
        used |= {*self.apologises_for.all(), *self.closes_for.all()}
        return sorted(used, key=lambda agent: agent.name)

    @property
    def newest(self) -> "Recording | None":
        return self.recordings.order_by("-version").first()


class Recording(models.Model):
    """One version of a clip, kept as callers hear it in the database: every machine has it.

    Its sound is never changed, and its words only until it is published: a revision of the
    catalog names it, and may be rolled back to.
    """

    class Source(models.TextChoices):
        UPLOAD = "upload", _("Uploaded")
        MICROPHONE = "microphone", _("Recorded in the browser")
        VOICE = "voice", _("Spoken by the agent's voice")
        EDITED = "edited", _("Words corrected")
        SHIPPED = "shipped", _("Came with voiceagent")

    clip = models.ForeignKey(
        Clip, on_delete=models.CASCADE, related_name="recordings", verbose_name=_("clip")
    )
    version = models.PositiveIntegerField(_("version"))
    text = models.TextField(_("words"), blank=True)
    words = models.JSONField(default=list, blank=True)  # [{"word", "start_ms", "end_ms"}]
    source = models.CharField(_("source"), max_length=16, choices=Source, default=Source.UPLOAD)
    original = models.FileField(_("original"), upload_to="clips/originals/", blank=True)
    mulaw = models.BinaryField()  # raw 8 kHz mono mu-law
    duration_ms = models.PositiveIntegerField(_("duration"), editable=False)
    loudness_before_lufs = models.FloatField(null=True, editable=False)
    loudness_after_lufs = models.FloatField(null=True, editable=False)
    sha256 = models.CharField(max_length=64, editable=False)
    note = models.CharField(_("note"), max_length=200, blank=True)
    author_name = models.CharField(_("author"), max_length=150, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    published_at = models.DateTimeField(_("first published"), null=True, editable=False)

    class Meta:
        ordering = ("clip", "-version")
        verbose_name = _("recording")
        verbose_name_plural = _("recordings")
        constraints = (
            models.UniqueConstraint(fields=("clip", "version"), name="catalog_recording_version"),
        )

    def __str__(self) -> str:
        return f"{self.clip} v{self.version}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        audio = bytes(self.mulaw)
        self.duration_ms = mulaw.duration_ms(audio)
        self.sha256 = hashlib.sha256(audio).hexdigest()
        super().save(*args, **kwargs)
