"""What follows a call: the survey, and who is told of it."""

import secrets
import uuid

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from calls.models.call import Call


class SurveyChannel(models.TextChoices):
    WHATSAPP = "whatsapp", _("WhatsApp")
    SPOKEN = "spoken", _("At the end of the call")


class Survey(models.Model):
    """The caller was asked how it went. `score` is empty until they have answered, 1 to 5."""

    call = models.OneToOneField(Call, on_delete=models.CASCADE, related_name="survey")
    channel = models.CharField(_("asked by"), max_length=16, choices=SurveyChannel.choices)
    asked_at = models.DateTimeField(_("asked at"))
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    score = models.PositiveSmallIntegerField(
        _("score"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(5)],
    )

    class Meta:
        verbose_name = _("survey")
        verbose_name_plural = _("surveys")
        indexes = (models.Index(fields=("answered_at",)),)

    def __str__(self) -> str:
        return f"{self.channel} {self.score or '–'}"


def new_secret() -> str:
    return secrets.token_urlsafe(32)


class Webhook(models.Model):
    """An address of the business's own that is told of every call that is over."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    url = models.URLField(_("address"), max_length=500)
    secret = models.CharField(
        _("secret"),
        max_length=200,
        default=new_secret,
        help_text=_("Signs what is sent, so that the receiver knows it comes from here."),
    )
    agent_key = models.PositiveBigIntegerField(_("agent"), null=True, blank=True)
    with_words = models.BooleanField(
        _("with the transcript"),
        default=False,
        help_text=_("Otherwise only times, figures, summary and details are sent."),
    )
    enabled = models.BooleanField(_("enabled"), default=True)

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class DeliveryState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    DELIVERED = "delivered", _("Delivered")
    GIVEN_UP = "given-up", _("Given up")


class WebhookDelivery(models.Model):
    """One message to one webhook, and how its sending went."""

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="deliveries")
    delivery_id = models.UUIDField(_("delivery"), unique=True, default=uuid.uuid4)
    state = models.CharField(
        _("state"), max_length=16, choices=DeliveryState.choices, default=DeliveryState.WAITING
    )
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    answer_status = models.PositiveSmallIntegerField(_("answer"), null=True, blank=True)
    problem = models.CharField(_("problem"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("made at"), auto_now_add=True)
    next_attempt_at = models.DateTimeField(_("next attempt"), null=True, blank=True)
    delivered_at = models.DateTimeField(_("delivered at"), null=True, blank=True)

    class Meta:
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        ordering = ("-created_at",)
        constraints = (
            models.UniqueConstraint(fields=("webhook", "call"), name="calls_one_delivery"),
        )
        indexes = (models.Index(fields=("state", "next_attempt_at")),)

    def __str__(self) -> str:
        return str(self.delivery_id)
