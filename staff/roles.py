"""Roles are Django groups, made by migrations; this gives one what it may do."""

from collections.abc import Mapping

from django.apps.registry import Apps

EDITORS, MANAGERS, SUPERVISORS = "Editors", "Managers", "Supervisors"


def grant(apps: Apps, role: str, rights: Mapping[str, str]) -> None:
    """For data migrations: {"catalog.agent": "view change"} and the like, beside what it has.

    A model's own rights, of its Meta.permissions, are named as they are there. `apps` is the
    migration's own. Raises LookupError for a model that is not there yet: depend on the migration
    that makes it.
    """
    group, _made = apps.get_model("auth", "Group").objects.get_or_create(name=role)
    for label, actions in rights.items():
        model = apps.get_model(label)
        # Django makes these after the last migration: on a fresh install they are not there yet.
        kind, _made = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
            app_label=model._meta.app_label, model=model._meta.model_name
        )
        own = dict(model._meta.permissions)
        for action in actions.split():
            usual = f"Can {action} {model._meta.verbose_name_raw}"
            right, _made = apps.get_model("auth", "Permission").objects.get_or_create(
                content_type=kind,
                codename=action if action in own else f"{action}_{model._meta.model_name}",
                defaults={"name": own.get(action, usual)},
            )
            group.permissions.add(right)
