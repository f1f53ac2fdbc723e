"""Who answers, how, and what becomes of the record."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from catalog.details_schema import validate_details_schema
from catalog.fields import E164Field, validate_language, validate_time_zone
from catalog.greeting_policy import GreetingPolicy
from catalog.models.call_limits import CallLimits
from catalog.models.clips import Clip
from catalog.models.prompts import Prompt
from catalog.out_of_hours import OutOfHours
from catalog.stages import Stage, includes
from catalog.surveys import SurveyBy


def clip_field(related_name: str, label: Any, help_text: Any) -> "models.ForeignKey[Clip | None]":
    return models.ForeignKey(
        Clip,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        limit_choices_to={"published__isnull": False},
        related_name=related_name,
        verbose_name=label,
        help_text=help_text,
    )


class Agent(CallLimits):
    """Who answers: a voice, a prompt, a greeting and the tools it may use."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    business_name = models.CharField(_("business name"), max_length=120)
    language = models.CharField(
        _("language"),
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
    prompt = models.ForeignKey(
        Prompt,
        on_delete=models.PROTECT,
        limit_choices_to={"published__isnull": False},
        related_name="agents",
        verbose_name=_("prompt"),
    )
    greeting_text = models.TextField(
        _("greeting text"),
        help_text=_("Spoken in its place, a moment later, when there is no clip."),
    )
    greeting_clip = clip_field(
        "greets_for", _("greeting clip"), _("Played the moment a call is answered.")
    )
    one_moment_clip = clip_field(
        "bridges_for", _("one-moment clip"), _("Played when an answer takes longer than usual.")
    )
    apology_clip = clip_field(
        "apologises_for", _("apology clip"), _("Played when the conversation cannot go on.")
    )
    busy_clip = clip_field(
        "turns_away_for",
        _("busy clip"),
        _("Played when all lines are busy. Empty: a sentence in the agent's language."),
    )
    offer_call_back = models.BooleanField(
        _("offer to call back"),
        default=True,
        help_text=_(
            "Callers who find all lines busy, and whom nobody can take, press 1 to be called back."
        ),
    )
    out_of_hours_clip = clip_field(
        "closes_for",
        _("out-of-hours clip"),
        _("Played in place of the greeting outside the business hours below."),
    )
    out_of_hours = models.CharField(
        _("outside business hours"),
        max_length=16,
        choices=OutOfHours,
        default=OutOfHours.CONVERSE,
    )
    greeting_policy = models.CharField(
        _("greeting policy"),
        max_length=16,
        choices=GreetingPolicy,
        default=GreetingPolicy.INTERRUPTIBLE,
    )
    tools_at_start = models.CharField(
        _("tools at start"), max_length=16, choices=Stage, default=Stage.CRITICAL
    )
    tools_later = models.CharField(
        _("tools later"),
        max_length=16,
        choices=Stage,
        default=Stage.ESSENTIAL,
        help_text=_("From the agent's first reply on. Each stage holds the ones before it."),
    )
    time_zone = models.CharField(
        _("time zone"),
        max_length=64,
        default="UTC",
        validators=[validate_time_zone],
        help_text=_("Where the business is, such as Europe/Lisbon."),
    )
    transfer_number = E164Field(
        _("transfer number"),
        blank=True,
        help_text=_(
            "Where callers who ask for a person are sent, unless they name one listed below."
        ),
    )
    calendar = models.CharField(
        _("calendar"),
        max_length=40,
        default="main",
        help_text=_("Agents that name the same calendar share it: no time is given away twice."),
    )
    appointment_minutes = models.PositiveIntegerField(
        _("length of an appointment"),
        default=30,
        validators=[MinValueValidator(5), MaxValueValidator(480)],
        help_text=_("Minutes, from 5 to 480."),
    )
    record_calls = models.BooleanField(
        _("record calls"),
        default=False,
        help_text=_("Both sides, as they were heard. Ask what the law says where you are."),
    )
    consent_clip = clip_field(
        "announces_for",
        _("announcement of the recording"),
        _("Played first in each recorded call; if it is not heard, no recording is kept."),
    )
    keep_recordings_days = models.PositiveIntegerField(
        _("keep recordings for"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(3_650)],
        help_text=_("Days. Empty: for ever."),
    )
    keep_transcripts_days = models.PositiveIntegerField(
        _("keep transcripts for"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(3_650)],
        help_text=_("Days; then what was said and who called are erased. Empty: for ever."),
    )
    summarise_calls = models.BooleanField(
        _("summarise calls"), default=True, help_text=_("Two lines by the model after each call.")
    )
    details_schema = models.JSONField(
        _("details to note"),
        default=dict,
        blank=True,
        validators=[validate_details_schema],
        help_text=_("A JSON Schema: what the model notes of each call in fields of your own."),
    )
    survey = models.CharField(_("survey"), max_length=16, choices=SurveyBy, default=SurveyBy.NONE)
    survey_question = models.CharField(
        _("survey question"),
        max_length=300,
        blank=True,
        help_text=_("Empty: the usual one, in the agent's language. Answered from 1 to 5."),
    )
    is_default = models.BooleanField(
        _("answers every other number"),
        default=False,
        help_text=_("Only one agent can have this: ticking it here takes it from the other."),
    )
    enabled = models.BooleanField(
        _("enabled"),
        default=True,
        help_text=_("When off, its numbers are answered by the default agent."),
    )

    class Meta:
        ordering = ("name",)
        verbose_name = _("agent")
        verbose_name_plural = _("agents")
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
                # One by one and not with update(): each is a change somebody made.
                for other in Agent.objects.exclude(pk=self.pk).filter(is_default=True):
                    other.is_default = False
                    other.save(update_fields=["is_default"])
            super().save(*args, **kwargs)

    def clean(self) -> None:
        if self.is_default and not self.enabled:
            raise ValidationError(
                _(
                    "This agent answers every other number: make another agent do so before "
                    "switching it off."
                )
            )
        if not self.is_default and Agent.objects.filter(pk=self.pk, is_default=True).exists():
            raise ValidationError(
                {
                    "is_default": _(
                        "Tick this on another agent instead: that takes it from this one."
                    )
                }
            )
        if self.out_of_hours == OutOfHours.HANG_UP and self.out_of_hours_clip_id is None:
            raise ValidationError(
                {"out_of_hours_clip": _("Choose what callers hear before the call is ended.")}
            )
        stages = (self.tools_later, self.tools_at_start)
        # This runs for stages that are none as well; their fields have said so already.
        if set(stages) <= set(Stage.values) and not includes(*map(Stage, stages)):
            raise ValidationError(_("The tools offered later must include those offered at start."))

    def validate_constraints(self, exclude: Any = None) -> None:
        # save() takes the mark from the other agent, so no form need refuse it.
        super().validate_constraints(exclude={*(exclude or ()), "is_default"})
