"""What would keep this installation from answering real calls, as Django system checks."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register


@register()
def twilio_can_be_verified(**kwargs: Any) -> list[CheckMessage]:
    """Without the auth token no webhook of Twilio's can be told from anybody else's."""
    found: list[CheckMessage] = []
    if not settings.TWILIO_VALIDATE_SIGNATURES and not settings.DEBUG:
        found.append(
            Error(
                "Anybody on the internet can open calls: signatures are not checked.",
                hint="Remove TWILIO_VALIDATE_SIGNATURES=false.",
                id="calls.E001",
            )
        )
    if settings.TWILIO_VALIDATE_SIGNATURES and not settings.DEBUG:
        found += _missing_twilio_settings()
    return found


def _missing_twilio_settings() -> list[CheckMessage]:
    return [
        Error(
            f"{name} is empty: every call is refused.",
            hint=f"Set {name} to the value in the Twilio console.",
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
            f"{name} is empty: the offline stand-in at OFFLINE_PROVIDERS_URL is used.",
            hint=f"Set {name}, or run `manage.py providers` for a rehearsal.",
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
            "PUBLIC_BASE_URL is not https: Twilio opens media streams over wss only.",
            hint="Set PUBLIC_BASE_URL to the https address that Twilio reaches.",
            id="calls.E004",
        )
    ]
