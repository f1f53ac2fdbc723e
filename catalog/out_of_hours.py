"""What happens to a call outside the business hours, once the caller has heard so."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class OutOfHours(models.TextChoices):
    CONVERSE = "converse", _("The clip is played, then the agent talks to the caller")
    HANG_UP = "hang_up", _("The clip is played, then the call is ended")
