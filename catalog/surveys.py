"""How callers are asked what they thought of the call."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class SurveyBy(models.TextChoices):
    NONE = "none", _("Do not ask")
    WHATSAPP = "whatsapp", _("By WhatsApp, after the call")
    SPOKEN = "spoken", _("Spoken, at the end of the call")
