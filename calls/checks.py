"""What would keep this installation from answering real calls, as Django system checks."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.utils.translation import gettext as _


@register()
def twilio_can_be_verified(**kwargs: Any) -> list[CheckMessage]:
    """Without the auth token no webhook of Twilio's can be told from anybody else's."""
    found: list[CheckMessage] = []
    if not settings.TWILIO_VALIDATE_SIGNATURES and not settings.DEBUG:
        found.append(
            Error(
                _("Anybody on the internet can open calls: signatures are not checked."),
                hint=_("Remove TWILIO_VALIDATE_SIGNATURES=false."),
                id="calls.E001",
            )
        )
    if settings.TWILIO_VALIDATE_SIGNATURES and not settings.DEBUG:
        found += _missing_twilio_settings()
    return found


def _missing_twilio_settings() -> list[CheckMessage]:
    return [
        Error(
            _("%(setting)s is empty: every call is refused.") % {"setting": name},
            hint=_("Set %(setting)s to the value in the Twilio console.") % {"setting": name},
            id="calls.E002",
        )
        for name in ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN")
        if not getattr(settings, name)
    ]


@register()
def providers_are_real(**kwargs: Any) -> list[CheckMessage]:
    """In production, silence about a missing key would be silence on the phone."""
    if settings.DEBUG:
        return []
    return [
        Warning(
            _("%(setting)s is empty: the offline stand-in at OFFLINE_PROVIDERS_URL is used.")
            % {"setting": name},
            hint=_("Set %(setting)s, or run “manage.py providers” for a rehearsal.")
            % {"setting": name},
            id="calls.W003",
        )
        for name in ("OPENAI_API_KEY", "CARTESIA_API_KEY")
        if not getattr(settings, name)
    ]


@register(deploy=True)
def public_url_is_secure(**kwargs: Any) -> list[CheckMessage]:
    if settings.PUBLIC_BASE_URL.startswith("https://"):
        return []
    return [
        Error(
            _("PUBLIC_BASE_URL is not https: Twilio opens media streams over wss only."),
            hint=_("Set PUBLIC_BASE_URL to the https address that Twilio reaches."),
            id="calls.E004",
        )
    ]


@register(deploy=True)
def is_not_for_development(**kwargs: Any) -> list[CheckMessage]:
    """The checks above say nothing of keys in development; nobody shall take that for consent."""
    if not settings.DEBUG:
        return []
    return [
        Warning(
            _("This is a development server: whether its keys are real is not looked at."),
            hint=_("Set DEBUG=false where real calls are answered."),
            id="calls.W005",
        )
    ]
