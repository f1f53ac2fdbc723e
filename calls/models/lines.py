"""What was said and done in a call, moment by moment."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from calls.models.call import Call


class Speaker(models.TextChoices):
    CALLER = "caller", _("Caller")
    AGENT = "agent", _("Agent")


class Utterance(models.Model):
    """What one side said, as it was heard."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="utterances")
    speaker = models.CharField(_("speaker"), max_length=8, choices=Speaker.choices)
    text = models.TextField(_("text"))
    at_ms = models.FloatField(_("from (ms)"))
    end_ms = models.FloatField(_("to (ms)"), null=True, blank=True)
    interrupted = models.BooleanField(_("interrupted"), default=False)
    reply_ms = models.FloatField(_("reply latency (ms)"), null=True, blank=True)

    class Meta:
        verbose_name = _("utterance")
        verbose_name_plural = _("utterances")
        ordering = ("at_ms", "pk")

    def __str__(self) -> str:
        return f"{self.speaker} at {self.at_ms:.0f} ms"


class ToolRun(models.Model):
    """One tool the model asked for, and what became of it."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="tool_runs")
    name = models.CharField(_("tool"), max_length=100)
    arguments = models.JSONField(_("arguments"), default=dict)
    outcome = models.CharField(_("outcome"), max_length=16)
    result = models.JSONField(_("what the agent was told"), default=dict)
    at_ms = models.FloatField(_("at (ms)"))
    ms = models.FloatField(_("took (ms)"))

    class Meta:
        verbose_name = _("tool run")
        verbose_name_plural = _("tool runs")
        ordering = ("at_ms", "pk")

    def __str__(self) -> str:
        return self.name


class ToolOffer(models.Model):
    """The tools that stood in each request to the model, from this moment on."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="tool_offers")
    names = models.JSONField(_("tools"), default=list)
    at_ms = models.FloatField(_("from (ms)"))

    class Meta:
        verbose_name = _("tools offered")
        verbose_name_plural = _("tools offered")
        ordering = ("at_ms", "pk")

    def __str__(self) -> str:
        return ", ".join(self.names)


class CallEvent(models.Model):
    """A milestone of the call. `at_ms` is null for what happened outside the stream."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="events")
    name = models.CharField(_("event"), max_length=40)
    at_ms = models.FloatField(_("at (ms)"), null=True, blank=True)
    detail = models.CharField(_("detail"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.name
