"""The record of a call. Only call_log.py writes these rows."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Status(models.TextChoices):
    RINGING = "ringing", _("Ringing")
    IN_PROGRESS = "in-progress", _("In progress")
    COMPLETED = "completed", _("Completed")
    FAILED = "failed", _("Failed")


class EndedBy(models.TextChoices):
    CALLER = "caller", _("Caller")
    AGENT = "agent", _("Agent")
    TRANSFER = "transfer", _("Transfer")
    TIMEOUT = "timeout", _("Time limit")
    ERROR = "error", _("Error")
    DRAIN = "drain", _("Server shutdown")


class Call(models.Model):
    """One phone call. Timings are milliseconds from the stream's start, except webhook_ms."""

    call_sid = models.CharField(_("call SID"), max_length=64, unique=True)
    stream_sid = models.CharField(_("stream SID"), max_length=64, blank=True)
    status = models.CharField(
        _("status"), max_length=16, choices=Status.choices, default=Status.RINGING
    )
    ended_by = models.CharField(_("ended by"), max_length=16, choices=EndedBy.choices, blank=True)
    from_number = models.CharField(_("from"), max_length=32, blank=True)
    to_number = models.CharField(_("to"), max_length=32, blank=True)
    agent_name = models.CharField(_("agent"), max_length=100, blank=True)
    revision = models.PositiveIntegerField(_("catalog revision"), default=0)
    customer_name = models.CharField(_("customer"), max_length=200, blank=True)
    customer_key = models.CharField(_("customer key"), max_length=64, blank=True)
    created_at = models.DateTimeField(_("rang at"), auto_now_add=True)
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    duration_ms = models.PositiveIntegerField(_("duration (ms)"), null=True, blank=True)
    webhook_ms = models.FloatField(_("webhook (ms)"), null=True, blank=True)
    first_audio_ms = models.FloatField(_("first audio (ms)"), null=True, blank=True)
    agent_ready_ms = models.FloatField(_("agent ready (ms)"), null=True, blank=True)
    context_prefetch_ms = models.FloatField(_("customer look-up (ms)"), null=True, blank=True)
    context_injected_ms = models.FloatField(_("customer in prompt (ms)"), null=True, blank=True)
    first_llm_response_ms = models.FloatField(_("first model token (ms)"), null=True, blank=True)
    first_reply_audio_ms = models.FloatField(_("first reply audio (ms)"), null=True, blank=True)
    recording = models.CharField(_("recording"), max_length=200, blank=True)
    summary = models.TextField(_("summary"), blank=True)

    class Meta:
        verbose_name = _("call")
        verbose_name_plural = _("calls")
        ordering = ("-created_at",)
        indexes = (models.Index(fields=("-created_at",)), models.Index(fields=("status",)))

    def __str__(self) -> str:
        return self.call_sid


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
