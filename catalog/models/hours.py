"""The hours at which an agent's business is open."""

from datetime import time

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models.agents import Agent
from catalog.opening_hours import MINUTES_OF_A_DAY, OpenInterval


class OpeningHours(models.Model):
    """One stretch of one weekday; a lunch break makes two."""

    class Weekday(models.IntegerChoices):
        MONDAY = 0, _("Monday")
        TUESDAY = 1, _("Tuesday")
        WEDNESDAY = 2, _("Wednesday")
        THURSDAY = 3, _("Thursday")
        FRIDAY = 4, _("Friday")
        SATURDAY = 5, _("Saturday")
        SUNDAY = 6, _("Sunday")

    agent = models.ForeignKey(
        Agent, on_delete=models.CASCADE, related_name="hours", verbose_name=_("agent")
    )
    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=Weekday)
    opens = models.TimeField(_("opens"))
    closes = models.TimeField(_("closes"), help_text=_("00:00 is the end of the day."))

    class Meta:
        ordering = ("weekday", "opens")
        verbose_name = _("business hours")
        verbose_name_plural = _("business hours")

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.opens:%H:%M}–{self.closes:%H:%M}"

    def clean(self) -> None:
        if self.opens is not None and self.closes is not None:
            interval = self.interval
            if interval.closes_minute <= interval.opens_minute:
                raise ValidationError(
                    _(
                        "It closes before it opens. For a night, write two lines: one until "
                        "00:00, and one from 00:00 on the next day."
                    )
                )

    @property
    def interval(self) -> OpenInterval:
        return OpenInterval(
            self.weekday, _minute(self.opens), _minute(self.closes) or MINUTES_OF_A_DAY
        )


def _minute(moment: time) -> int:
    return moment.hour * 60 + moment.minute
