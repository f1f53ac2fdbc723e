"""Each committed edit of the catalog is a new revision, which running processes notice."""

from functools import partial
from typing import Any

from django.apps import AppConfig, apps
from django.apps.registry import Apps
from django.db import DEFAULT_DB_ALIAS, models, transaction
from django.db.models.signals import post_delete, post_migrate, post_save
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from catalog.document import KEPT
from catalog.publishing import publish
from catalog.tool_rows import sync_tools


def connect(app: AppConfig) -> None:
    for model in KEPT:
        post_save.connect(saved, sender=model, dispatch_uid="catalog.saved")
        post_delete.connect(deleted, sender=model, dispatch_uid="catalog.deleted")
    post_migrate.connect(migrated, sender=app, dispatch_uid="catalog.migrated")


def saved(sender: type[models.Model], instance: models.Model, using: str, **__: Any) -> None:
    _publish_soon(_("%(what)s “%(name)s” saved"), instance, using)


def deleted(sender: type[models.Model], instance: models.Model, using: str, **__: Any) -> None:
    _publish_soon(_("%(what)s “%(name)s” deleted"), instance, using)


def _publish_soon(happened: str, row: models.Model, using: str) -> None:
    # After the commit: a revision made within a transaction could become visible later than one
    # with a higher number, and a process would miss it. Saves of one transaction make one
    # revision, since the first of them finds all the others' work in the tables.
    if using == DEFAULT_DB_ALIAS:
        cause = happened % {"what": capfirst(row._meta.verbose_name), "name": row}
        transaction.on_commit(partial(publish, cause))


def migrated(apps: Apps = apps, **__: Any) -> None:
    try:
        apps.get_model("catalog", "McpServer")
    except LookupError:
        return  # Migrated backwards, to before there was a document to publish.
    with transaction.atomic():
        transaction.on_commit(partial(publish, "Installed or upgraded"))
        sync_tools()
