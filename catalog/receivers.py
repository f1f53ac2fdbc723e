"""Each committed edit of the catalog is a new revision, which running processes notice."""

from functools import partial
from typing import Any

from django.apps import AppConfig, apps
from django.apps.registry import Apps
from django.db import models, transaction
from django.db.models.signals import post_delete, post_migrate, post_save

from catalog.models import Agent, CatalogRevision, Clip, PhoneNumber, Prompt, Tool
from catalog.tool_rows import sync_tools

EDITED = (Agent, Clip, PhoneNumber, Prompt, Tool)


def connect(app: AppConfig) -> None:
    for model in EDITED:
        post_save.connect(saved, sender=model, dispatch_uid="catalog.saved")
        post_delete.connect(deleted, sender=model, dispatch_uid="catalog.deleted")
    post_migrate.connect(migrated, sender=app, dispatch_uid="catalog.migrated")


def saved(sender: type[models.Model], using: str, **_: Any) -> None:
    transaction.on_commit(partial(_bump, f"{sender._meta.verbose_name} saved", using), using)


def deleted(sender: type[models.Model], using: str, **_: Any) -> None:
    transaction.on_commit(partial(_bump, f"{sender._meta.verbose_name} deleted", using), using)


def migrated(apps: Apps = apps, **_: Any) -> None:
    try:
        apps.get_model("catalog", "Tool")
    except LookupError:
        return  # Migrated backwards, to before there were tools.
    sync_tools()


def _bump(cause: str, using: str) -> None:
    # After the commit, not within it: a number taken earlier could become visible later than a
    # higher one, and the edit would be missed.
    CatalogRevision.objects.using(using).create(cause=cause)
