"""The first page: what to do first, and what is missing before a real call can be answered."""

from dataclasses import dataclass
from typing import Any

from django.core.checks import ERROR, CheckMessage, run_checks
from django.db import models
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from catalog.readiness import steps

OURS = ("catalog.", "calls.")
# Where what is about no row is put right.
PAGES = {
    "catalog.E001": "admin:catalog_agent_changelist",
    "catalog.W004": "admin:catalog_phonenumber_add",
}


@dataclass(frozen=True, slots=True)
class Missing:
    id: str
    is_error: bool
    message: str
    hint: str
    link: str  # empty where it is not put right in the admin


def first_page(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Called by the theme: what templates/admin/index.html shows."""
    context["title"] = _("Overview")
    if request.user.has_perm("catalog.view_agent"):
        todo = steps()
        context |= {
            "steps": todo,
            "steps_done": sum(step.done for step in todo),
            "missing": missing(),
        }
    return context


def missing() -> tuple[Missing, ...]:
    """What our checks find, those for a deployment included; errors first."""
    found = run_checks(include_deployment_checks=True, databases=["default"])
    ours = [message for message in found if str(message.id).startswith(OURS)]
    ours.sort(key=lambda message: -message.level)
    return tuple(_missing(message) for message in ours)


def _missing(message: CheckMessage) -> Missing:
    return Missing(
        id=str(message.id),
        is_error=message.level >= ERROR,
        message=str(message.msg),
        hint=str(message.hint or ""),
        link=_link(message),
    )


def _link(message: CheckMessage) -> str:
    row = message.obj
    if isinstance(row, models.Model):
        name = f"admin:{row._meta.app_label}_{row._meta.model_name}_change"
        try:
            return reverse(name, args=(row.pk,))
        except NoReverseMatch:
            return ""
    return reverse(PAGES[str(message.id)]) if message.id in PAGES else ""
