"""One row for each call. Only calls/call_rows.py writes it."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Status(models.TextChoices):
    RINGING = "ringing", _("Ringing")
    IN_PROGRESS = "in-progress", _("In progress")
    COMPLETED = "completed", _("Completed")
    FAILED = "failed", _("Failed")


OVER = (Status.COMPLETED, Status.FAILED)


class EndedBy(models.TextChoices):
    CALLER = "caller", _("Caller")
    AGENT = "agent", _("Agent")
    TRANSFER = "transfer", _("Transfer")
    TIMEOUT = "timeout", _("Time limit")
    ERROR = "error", _("Error")
    DRAIN = "drain", _("Server shutdown")
    STAFF = "staff", _("A colleague")
    TURNED_AWAY = "turned-away", _("Turned away")


class RecordingState(models.TextChoices):
    NONE = "", _("Not recorded")
    RUNNING = "running", _("Recording")
    COMPRESSING = "compressing", _("Being prepared")
    READY = "ready", _("Recorded")
    WITHHELD = "withheld", _("Not kept: the announcement was not heard")
    FAILED = "failed", _("The recording failed")
    ERASED = "erased", _("Erased")


class Call(models.Model):
    """One phone call. Timings are milliseconds from the stream's start, except webhook_ms.

    Agents, prompts and clips are named as they were then, beside their keys: rows of the catalog
    change and go, and what a call ran with stays true.
    """

    call_sid = models.CharField(_("call SID"), max_length=64, unique=True)
    stream_sid = models.CharField(_("stream SID"), max_length=64, blank=True)
    status = models.CharField(
        _("status"), max_length=16, choices=Status.choices, default=Status.RINGING
    )
    ended_by = models.CharField(_("ended by"), max_length=16, choices=EndedBy.choices, blank=True)
    from_number = models.CharField(_("from"), max_length=32, blank=True, db_index=True)
    to_number = models.CharField(_("to"), max_length=32, blank=True)
    customer_name = models.CharField(_("customer"), max_length=200, blank=True)
    customer_key = models.CharField(_("customer key"), max_length=64, blank=True)
    # What it ran with ---------------------------------------------------------------
    agent_name = models.CharField(_("agent"), max_length=100, blank=True)
    agent_key = models.PositiveBigIntegerField(_("agent key"), null=True, blank=True)
    revision = models.PositiveIntegerField(_("catalog revision"), default=0)
    prompt_name = models.CharField(_("prompt"), max_length=100, blank=True)
    prompt_version = models.PositiveIntegerField(_("prompt version"), null=True, blank=True)
    clip_name = models.CharField(_("greeting clip"), max_length=100, blank=True)
    clip_key = models.PositiveBigIntegerField(_("greeting clip key"), null=True, blank=True)
    clip_version = models.PositiveIntegerField(_("clip version"), null=True, blank=True)
    process_id = models.CharField(_("process"), max_length=32, blank=True)
    # When ---------------------------------------------------------------------------
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
    # What Twilio says of it -----------------------------------------------------------
    reported_status = models.CharField(_("status at Twilio"), max_length=16, blank=True)
    reported_seconds = models.PositiveIntegerField(_("seconds at Twilio"), null=True, blank=True)
    # What it used; prices are settings ---------------------------------------------------
    llm_input_tokens = models.PositiveIntegerField(_("tokens read"), default=0)
    llm_cached_tokens = models.PositiveIntegerField(_("of these, cached"), default=0)
    llm_output_tokens = models.PositiveIntegerField(_("tokens written"), default=0)
    tts_characters = models.PositiveIntegerField(_("characters spoken"), default=0)
    # Afterwards ---------------------------------------------------------------------
    recording = models.CharField(_("recording"), max_length=200, blank=True)
    recording_state = models.CharField(
        _("recording"), max_length=16, choices=RecordingState.choices, blank=True
    )
    summary = models.TextField(_("summary"), blank=True)
    details = models.JSONField(_("details"), default=dict, blank=True)  # as the agent's schema asks
    usual_reply_ms = models.FloatField(_("usual reply (ms)"), null=True, blank=True)  # the median
    settled_at = models.DateTimeField(_("counted at"), null=True, blank=True)
    erased_at = models.DateTimeField(_("words erased at"), null=True, blank=True)

    class Meta:
        verbose_name = _("call")
        verbose_name_plural = _("calls")
        ordering = ("-created_at",)
        permissions = (
            ("see_phone_numbers", "Can see callers' phone numbers"),
            ("hear_recording", "Can hear recordings"),
            ("export_call", "Can export calls"),
            ("supervise_call", "Can hang up, transfer and whisper in live calls"),
            ("erase_caller", "Can erase everything about a caller"),
        )
        indexes = (
            models.Index(fields=("-created_at",)),
            models.Index(fields=("status",)),
            models.Index(fields=("agent_key", "-created_at")),
            models.Index(fields=("to_number", "-created_at")),
            models.Index(
                fields=("ended_at",),
                name="calls_not_settled",
                condition=models.Q(settled_at__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return self.call_sid
