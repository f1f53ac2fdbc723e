"""How the admin looks: its name and colours, its sidebar, and the cards of its first page."""

from collections.abc import Callable

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

# Translated by us as well: Django's word for it in Portugal, "Gravar", is what a microphone does.
OURS_TOO = (
    gettext_noop("Save"),
    gettext_noop("Save and continue editing"),
    gettext_noop("Save and add another"),
)


def _file(name: str) -> Callable[[HttpRequest], str]:
    # Asked for with each page: where static files are served from is not known before the settings.
    return lambda request: static(f"voiceagent/{name}")


def _page(title: object, icon: str, model: str, what_for: object = "") -> dict[str, object]:
    """A sidebar entry, and a card of the first page, for users who may see that model."""
    app, name = model.split("_")
    return {
        "title": title,
        "icon": icon,
        "description": what_for,
        "link": reverse_lazy(f"admin:{model}_changelist"),
        "permission": lambda request: request.user.has_perm(f"{app}.view_{name}"),
    }


def _account_links(request: HttpRequest) -> list[dict[str, object]]:
    """What stands under one's own name: the theme's link, and ours."""
    titles = {"admin:second_factor": _("Two-step log-in")}
    if request.user.is_authenticated and request.user.has_usable_password():
        titles = {"admin:password_change": _("Change password"), **titles}
    return [{"title": title, "link": reverse_lazy(page)} for page, title in titles.items()]


UNFOLD = {
    "SITE_TITLE": "voiceagent",
    "SITE_HEADER": "voiceagent",
    "SITE_SUBHEADER": _("Calls, greetings and tools"),
    "SITE_URL": None,  # There is no site but the admin to go back to.
    "SITE_ICON": {"light": _file("logo.svg"), "dark": _file("logo.svg")},
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": _file("favicon.svg")}],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_LANGUAGES": True,
    "STYLES": [_file("colours.css"), _file("theme.css")],
    "ACCOUNT": {"navigation": _account_links},
    "SCRIPTS": [_file("keyboard.js"), _file("serving.js")],
    "LOGIN": {"image": _file("login.svg")},
    "DASHBOARD_CALLBACK": "calls.dashboard.first_page.first_page",
    "SIDEBAR": {
        "navigation": [
            {
                "title": _("Telephone"),
                "items": [
                    {
                        **_page(
                            _("Calls"),
                            "call",
                            "calls_call",
                            _("Who called, what was said, how fast."),
                        ),
                        # The live page lies below the list, and has an entry of its own.
                        "active": lambda request: (
                            request.path.startswith(
                                str(reverse_lazy("admin:calls_call_changelist"))
                            )
                            and request.path != reverse_lazy("admin:calls_live")
                        ),
                    },
                    {
                        "title": _("Live calls"),
                        "icon": "phone_in_talk",
                        "description": _("What is being said right now, and a hand on the call."),
                        "link": reverse_lazy("admin:calls_live"),
                        "permission": lambda request: request.user.has_perm("calls.view_call"),
                    },
                    _page(
                        _("Webhooks"),
                        "webhook",
                        "calls_webhook",
                        _("Systems of your own that are told of each call."),
                    ),
                    _page(
                        _("Webhook deliveries"),
                        "outbox",
                        "calls_webhookdelivery",
                        _("What they were sent, and what they answered."),
                    ),
                    _page(
                        _("Customers"),
                        "group",
                        "customers_customer",
                        _("Who the agents know, and what they know of them."),
                    ),
                    _page(
                        _("Appointments"),
                        "event",
                        "customers_appointment",
                        _("Who comes when, booked in calls or by hand."),
                    ),
                ],
            },
            {
                "title": _("What callers hear"),
                "items": [
                    _page(
                        _("Agents"),
                        "support_agent",
                        "catalog_agent",
                        _("Who answers: greeting, voice, hours and behaviour."),
                    ),
                    _page(
                        _("Phone numbers"),
                        "dialpad",
                        "catalog_phonenumber",
                        _("Which agent answers which number."),
                    ),
                    _page(
                        _("Clips"),
                        "graphic_eq",
                        "catalog_clip",
                        _("Greetings and other recordings, version by version."),
                    ),
                    _page(
                        _("Prompts"),
                        "edit_note",
                        "catalog_prompt",
                        _("What the agents are told: what they know and how they speak."),
                    ),
                    _page(
                        _("Tools"), "build", "catalog_tool", _("What the agents may do in a call.")
                    ),
                    _page(
                        _("HTTP tools"),
                        "http",
                        "catalog_httptool",
                        _("Tools of your own, without code: one request each."),
                    ),
                    _page(
                        _("MCP servers"),
                        "hub",
                        "catalog_mcpserver",
                        _("Servers that bring tools of their own."),
                    ),
                    _page(
                        _("Revisions"),
                        "history",
                        "catalog_catalogrevision",
                        _("What went live and when, and the way back."),
                    ),
                ],
            },
            {
                "title": _("People"),
                "items": [
                    _page(_("Users"), "person", "auth_user", _("Who may log in.")),
                    _page(_("Groups"), "shield_person", "auth_group", _("Who may do what.")),
                    _page(
                        _("Audit log"),
                        "policy",
                        "staff_auditentry",
                        _("Who changed what, and who read what."),
                    ),
                ],
            },
        ],
    },
}
