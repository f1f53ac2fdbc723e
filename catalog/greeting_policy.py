"""Whether a caller may talk over the greeting."""

from django.db import models


class GreetingPolicy(models.TextChoices):
    INTERRUPTIBLE = "interruptible", "Interruptible: stops when the caller speaks"
    PROTECTED = "protected", "Protected: always played to the end"
