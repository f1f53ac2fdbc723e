"""The numbers that agents answer."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.fields import E164Field
from catalog.models.agents import Agent


class PhoneNumber(models.Model):
    """A number people dial, and the agent that answers it."""

    number = E164Field(
        _("number"), unique=True, help_text=_("With country code, such as +351 200 000 000.")
    )
    agent = models.ForeignKey(
        Agent, on_delete=models.CASCADE, related_name="numbers", verbose_name=_("agent")
    )
    label = models.CharField(
        _("label"),
        max_length=80,
        blank=True,
        help_text=_("For your colleagues, such as: Lisbon clinic."),
    )

    class Meta:
        ordering = ("number",)
        verbose_name = _("phone number")
        verbose_name_plural = _("phone numbers")

    def __str__(self) -> str:
        return str(self.number)
