"""Tools: at which stage of a call each may be used."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.stages import Stage


class Tool(models.Model):
    """When the agents may use a tool; what it does is in the code, under catalog/tools/."""

    name = models.CharField(_("name"), max_length=64, unique=True)
    stage = models.CharField(_("stage"), max_length=16, choices=Stage, default=Stage.FULL)
    enabled = models.BooleanField(_("enabled"), default=True)

    class Meta:
        ordering = ("name",)
        verbose_name = _("tool")
        verbose_name_plural = _("tools")

    def __str__(self) -> str:
        return self.name
