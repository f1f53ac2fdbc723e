"""Whether a caller may talk over the greeting."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class GreetingPolicy(models.TextChoices):
    INTERRUPTIBLE = "interruptible", _("Stops when the caller speaks")
    PROTECTED = "protected", _("Always played to the end")
