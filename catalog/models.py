"""What staff edit in the admin; a call reads it only through catalog/snapshot.py."""

import hashlib
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from catalog import mulaw
from catalog.fields import E164Field, validate_language, validate_time_zone
from catalog.greeting_policy import GreetingPolicy
from catalog.stages import Stage, includes


class Clip(models.Model):
    """A recording, kept as callers hear it in the database, so that every machine has it."""

    name = models.CharField(max_length=80, unique=True)
    text = models.TextField(
        help_text=_("What is said in the recording, word for word. The agent takes it as said.")
    )
    words = models.JSONField(default=list, blank=True)  # [{"word", "start_ms", "end_ms"}]
    original = models.FileField(upload_to="clips/originals/", blank=True)
    mulaw = models.BinaryField(blank=True, default=b"")  # raw 8 kHz mono mu-law
    duration_ms = models.PositiveIntegerField(default=0, editable=False)
    loudness_lufs = models.FloatField(null=True, editable=False)
    sha256 = models.CharField(max_length=64, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        audio = bytes(self.mulaw)
        self.duration_ms = mulaw.duration_ms(audio)
        self.sha256 = hashlib.sha256(audio).hexdigest() if audio else ""
        super().save(*args, **kwargs)


class Prompt(models.Model):
    """One version of a text that tells the agent how to behave; a version is never changed."""

    name = models.CharField(max_length=80)
    version = models.PositiveIntegerField(default=1)
    text = models.TextField(
        help_text=_("{business_name}, {agent_name} and {today} are filled in for each call.")
    )
    note = models.CharField(
        max_length=200, blank=True, help_text=_("Why this version: for your colleagues.")
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name", "-version")
        constraints = (
            models.UniqueConstraint(fields=("name", "version"), name="catalog_prompt_version"),
        )

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"


class Agent(models.Model):
    """Who answers: a voice, a prompt, a greeting and the tools it may use."""

    name = models.CharField(max_length=80, unique=True)
    business_name = models.CharField(max_length=120)
    language = models.CharField(
        max_length=16,
        default="en",
        validators=[validate_language],
        help_text=_("Spoken and understood, such as en, pt or pt-BR."),
    )
    voice_id = models.CharField(
        _("voice"),
        max_length=64,
        blank=True,
        help_text=_("A Cartesia voice id. Empty: the usual voice."),
    )
    prompt = models.ForeignKey(Prompt, on_delete=models.PROTECT, related_name="agents")
    greeting_text = models.TextField(
        help_text=_("Spoken in its place, a moment later, when there is no clip.")
    )
    greeting_clip = models.ForeignKey(
        Clip,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="greets_for",
        help_text=_("Played the moment a call is answered."),
    )
    apology_clip = models.ForeignKey(
        Clip,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="apologises_for",
        help_text=_("Played when the conversation cannot go on."),
    )
    greeting_policy = models.CharField(
        max_length=16, choices=GreetingPolicy, default=GreetingPolicy.INTERRUPTIBLE
    )
    tools_at_start = models.CharField(max_length=16, choices=Stage, default=Stage.CRITICAL)
    tools_later = models.CharField(
        max_length=16,
        choices=Stage,
        default=Stage.ESSENTIAL,
        help_text=_("From the agent's first reply on. Each stage holds the ones before it."),
    )
    time_zone = models.CharField(
        max_length=64,
        default="UTC",
        validators=[validate_time_zone],
        help_text=_("Where the business is, such as Europe/Lisbon."),
    )
    transfer_number = E164Field(
        blank=True, help_text=_("Where callers who ask for a person are sent.")
    )
    max_call_seconds = models.PositiveIntegerField(
        _("longest call"),
        default=1800,
        validators=[MinValueValidator(30), MaxValueValidator(14_400)],
        help_text=_("Seconds, from 30 to 14400 (four hours). Then the call is ended."),
    )
    is_default = models.BooleanField(
        _("answers every other number"),
        default=False,
        help_text=_("Of one agent at most: ticking it here takes it from the other."),
    )
    enabled = models.BooleanField(
        default=True, help_text=_("Off: its numbers are answered by the default agent.")
    )

    class Meta:
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(
                fields=("is_default",),
                condition=models.Q(is_default=True),
                name="catalog_one_default_agent",
            ),
        )

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        with transaction.atomic():
            if self.is_default:
                Agent.objects.exclude(pk=self.pk).filter(is_default=True).update(is_default=False)
            super().save(*args, **kwargs)

    def clean(self) -> None:
        if self.is_default and not self.enabled:
            raise ValidationError(
                _(
                    "This agent answers every other number: make another agent do so before "
                    "switching it off."
                )
            )
        stages = (self.tools_later, self.tools_at_start)
        # This runs for stages that are none as well; their fields have said so already.
        if set(stages) <= set(Stage.values) and not includes(*map(Stage, stages)):
            raise ValidationError(_("The tools offered later must include those offered at start."))

    def validate_constraints(self, exclude: Any = None) -> None:
        # save() takes the mark from the other agent, so no form need refuse it.
        super().validate_constraints(exclude={*(exclude or ()), "is_default"})


class PhoneNumber(models.Model):
    """A number people dial, and the agent that answers it."""

    number = E164Field(unique=True, help_text=_("With country code, such as +351 200 000 000."))
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="numbers")
    label = models.CharField(
        max_length=80, blank=True, help_text=_("For your colleagues, such as: Lisbon clinic.")
    )

    class Meta:
        ordering = ("number",)

    def __str__(self) -> str:
        return str(self.number)


class Tool(models.Model):
    """When the agents may use a tool; what it does is in the code, under catalog/tools/."""

    name = models.CharField(max_length=64, unique=True)
    stage = models.CharField(max_length=16, choices=Stage, default=Stage.FULL)
    enabled = models.BooleanField(default=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class CatalogRevision(models.Model):
    """One row for each committed edit: the newest number tells a process that it is behind."""

    cause = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-pk",)
        get_latest_by = "pk"

    def __str__(self) -> str:
        return f"Revision {self.pk}"
