"""The people callers of an agent can be transferred to, beside its usual number."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.fields import E164Field
from catalog.models.agents import Agent


class TransferTarget(models.Model):
    """One more number on the agent's list. To no other can a call be transferred."""

    agent = models.ForeignKey(
        Agent, on_delete=models.CASCADE, related_name="transfer_targets", verbose_name=_("agent")
    )
    name = models.CharField(
        _("who answers"),
        max_length=60,
        help_text=_("As callers ask for it, such as: Billing, or Dr. Silva."),
    )
    number = E164Field(_("number"))

    class Meta:
        ordering = ("agent", "name")
        verbose_name = _("transfer target")
        verbose_name_plural = _("transfer targets")
        constraints = (
            models.UniqueConstraint(
                fields=("agent", "name"),
                name="catalog_transfer_target_once",
                violation_error_message=_("This name is on the list already."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} ({self.number})"
