"""What ends a call that would go on for ever, and how many calls there may be."""

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


class CallLimits(models.Model):
    """Of an agent."""

    max_call_seconds = models.PositiveIntegerField(
        _("longest call"),
        default=1800,
        validators=[MinValueValidator(30), MaxValueValidator(14_400)],
        help_text=_("Seconds, from 30 to 14400 (four hours). Then the call is ended."),
    )
    silence_seconds = models.PositiveIntegerField(
        _("silence"),
        default=15,
        null=True,
        blank=True,
        validators=[MinValueValidator(5), MaxValueValidator(120)],
        help_text=_(
            "Seconds without a word after which the agent asks whether anybody is there, twice, "
            "and then says goodbye. Empty: never."
        ),
    )
    most_cost = models.DecimalField(
        _("most a call may cost"),
        max_digits=8,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal("0.01"))],
        help_text=_("At the prices in the settings. Then the call is ended. Empty: no limit."),
    )
    most_calls = models.PositiveIntegerField(
        _("calls at once"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("One more caller hears that the line is busy. Empty: no limit of its own."),
    )

    class Meta:
        abstract = True
