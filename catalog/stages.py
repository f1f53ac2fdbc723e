"""How early in a call a tool is offered: critical, then essential, then full."""

from django.db import models


class Stage(models.TextChoices):
    CRITICAL = "critical", "Critical: from the first word"
    ESSENTIAL = "essential", "Essential: once the conversation runs"
    FULL = "full", "Full: everything"


_ORDER = (Stage.CRITICAL, Stage.ESSENTIAL, Stage.FULL)


def rank(stage: Stage) -> int:
    return _ORDER.index(stage)


def includes(stage: Stage, tool_stage: Stage) -> bool:
    """Whether a call that has reached `stage` may use a tool of `tool_stage`."""
    return rank(tool_stage) <= rank(stage)
