"""The audit log: one row for each change and each read, which outlives whoever caused it."""

from typing import Any

from auditlog.models import AbstractLogEntry
from django.contrib.auth import get_user_model
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.authorship import author_name
from staff.audit import rules_of


class AuditEntry(AbstractLogEntry):
    """Only ever added to. `actor` is emptied with the account; `actor_name` stays."""

    class Action(models.IntegerChoices):
        CREATE = 0, _("Added")
        UPDATE = 1, _("Changed")
        DELETE = 2, _("Deleted")
        ACCESS = 3, _("Read")

    actor_name = models.CharField(_("who"), max_length=150, blank=True, db_index=True)
    timestamp = models.DateTimeField(_("when"), default=timezone.now, db_index=True)
    action = models.PositiveSmallIntegerField(_("what was done"), choices=Action, db_index=True)

    class Meta(AbstractLogEntry.Meta):
        ordering = ("-timestamp", "-pk")
        default_permissions = ("view",)
        verbose_name = _("audit log entry")
        verbose_name_plural = _("audit log entries")

    def __str__(self) -> str:
        return f"{self.get_action_display()}: {self.object_repr}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self._state.adding:
            self._sign()
            if rules_of(self.content_type).personal:
                self.object_repr = f"#{self.object_pk}"
        super().save(*args, **kwargs)

    def _sign(self) -> None:
        """By name, and looked up now: who deletes their own account is no row to point at."""
        self.actor_name = author_name()
        if self.actor_name:
            people = get_user_model()
            named = {people.USERNAME_FIELD: self.actor_name}
            self.actor = people._default_manager.filter(**named).first()
