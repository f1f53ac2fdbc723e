"""How early in a call a tool is offered: critical, then essential, then full."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Stage(models.TextChoices):
    CRITICAL = "critical", _("Critical")
    ESSENTIAL = "essential", _("Essential")
    FULL = "full", _("Full")


_ORDER = (Stage.CRITICAL, Stage.ESSENTIAL, Stage.FULL)


def rank(stage: Stage) -> int:
    return _ORDER.index(stage)


def includes(stage: Stage, tool_stage: Stage) -> bool:
    """Whether a call that has reached `stage` may use a tool of `tool_stage`."""
    return rank(tool_stage) <= rank(stage)
