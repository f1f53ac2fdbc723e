"""What somebody did about how a person logs in, for the audit log: never a key, never a code."""

from enum import StrEnum

from auditlog import get_logentry_model
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.utils.translation import gettext as _


class Deed(StrEnum):
    SET_UP = "totp-set-up"
    TURNED_OFF = "totp-turned-off"
    RESET = "totp-reset"
    NEW_BACKUP_CODES = "backup-codes-made"
    BACKUP_CODE_USED = "backup-code-used"
    UNLOCKED = "unlocked"


def write_down(user: User, deed: Deed) -> None:
    """A change of this user, by whoever is at work; by voiceagent itself for a command."""
    entries = get_logentry_model()
    entries.objects.create(
        content_type=ContentType.objects.get_for_model(User),
        object_pk=str(user.pk),
        object_id=user.pk,
        object_repr=user.get_username(),
        action=entries.Action.UPDATE,
        additional_data={"log_in": deed.value},
    )


def in_words(deed: str) -> str:
    said = {
        Deed.SET_UP: _("Two-step log-in set up"),
        Deed.TURNED_OFF: _("Two-step log-in turned off"),
        Deed.RESET: _("Two-step log-in reset"),
        Deed.NEW_BACKUP_CODES: _("New backup codes made"),
        Deed.BACKUP_CODE_USED: _("Logged in with a backup code"),
        Deed.UNLOCKED: _("Unlocked after failed log-ins"),
    }
    return said[Deed(deed)] if deed in set(Deed) else deed
