"""How the admin looks: its name, and what stands in its sidebar."""

from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _


def _page(title: object, icon: str, model: str) -> dict[str, object]:
    """A sidebar entry, for users who may see that model."""
    app, name = model.split("_")
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{model}_changelist"),
        "permission": lambda request: request.user.has_perm(f"{app}.view_{name}"),
    }


UNFOLD = {
    "SITE_TITLE": "voiceagent",
    "SITE_HEADER": "voiceagent",
    "SITE_SUBHEADER": "Calls, greetings and tools",
    "SITE_SYMBOL": "call",
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SIDEBAR": {
        "navigation": [
            {
                "title": _("Telephone"),
                "items": [
                    _page(_("Calls"), "call", "calls_call"),
                    _page(_("Customers"), "group", "customers_customer"),
                ],
            },
            {
                "title": _("What callers hear"),
                "items": [
                    _page(_("Agents"), "support_agent", "catalog_agent"),
                    _page(_("Phone numbers"), "dialpad", "catalog_phonenumber"),
                    _page(_("Clips"), "graphic_eq", "catalog_clip"),
                    _page(_("Prompts"), "edit_note", "catalog_prompt"),
                    _page(_("Tools"), "build", "catalog_tool"),
                ],
            },
            {
                "title": _("People"),
                "items": [
                    _page(_("Users"), "person", "auth_user"),
                    _page(_("Groups"), "shield_person", "auth_group"),
                ],
            },
        ],
    },
}
