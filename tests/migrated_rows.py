"""The rows that the migrations made: tests that empty the tables bring them back."""

from auditlog.context import disable_auditlog
from django.contrib.auth.models import Group
from django.core import serializers
from django.db import connection, models, transaction

from catalog.models import Agent, Clip, Prompt, PromptVersion, Recording, Tool
from catalog.publishing import publish

KEPT: tuple[type[models.Model], ...] = (Clip, Recording, Prompt, PromptVersion, Agent, Tool, Group)


class MigratedRows:
    """Taken once, from a database that was just migrated."""

    def __init__(self) -> None:
        rows = [row for model in KEPT for row in model._default_manager.order_by("pk")]
        self._json = serializers.serialize("json", rows, use_natural_foreign_keys=True)

    def bring_back(self) -> None:
        """In the place of whatever such rows there are. The audit log knows nothing of it."""
        # Clips and their recordings name each other: no order of saving would do.
        disabled = connection.constraint_checks_disabled()
        with disable_auditlog(), transaction.atomic(), disabled:
            for model in (Agent, Prompt, Clip, Tool, Group):
                model._default_manager.all().delete()
            for row in serializers.deserialize("json", self._json):
                row.save()
            publish("The rows of the migrations")
