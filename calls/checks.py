"""What would keep this installation from answering real calls, as Django system checks."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Info, Tags, Warning, register
from django.db import DatabaseError
from django.utils.translation import gettext as _

from catalog.models import Agent


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


@register(Tags.database)
def recordings_are_kept(
    databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Nobody on the phone notices that a recording fails, or that nobody was told of it."""
    if not databases or "default" not in databases or sys.argv[1:2] == ["migrate"]:
        return []
    try:
        recording = list(Agent.objects.filter(record_calls=True))
    except DatabaseError:  # Not reachable, or not migrated yet.
        return []
    silent = [agent.name for agent in recording if agent.consent_clip_id is None]
    found: list[CheckMessage] = []
    if silent:
        found.append(
            Info(
                _("Calls are recorded without an announcement by: %(agents)s.")
                % {"agents": ", ".join(silent)},
                hint=_("Choose an announcement on the agent's page, unless the law asks for none."),
                id="calls.I006",
            )
        )
    if recording and not _is_writable(Path(settings.RECORDING_DIR)):
        found.append(
            Warning(
                _("Calls are to be recorded, and RECORDING_DIR cannot be written."),
                hint=_("Let the server's user write %(folder)s, or set RECORDING_DIR.")
                % {"folder": settings.RECORDING_DIR},
                id="calls.W007",
            )
        )
    return found


def _is_writable(folder: Path) -> bool:
    """Also when it is still to be made."""
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    return there.is_dir() and os.access(there, os.W_OK | os.X_OK)


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
def figures_are_for_somebody(**kwargs: Any) -> list[CheckMessage]:
    """How many calls there are, and which providers fail, is nobody else's business."""
    if settings.METRICS_TOKEN:
        return []
    return [
        Warning(
            _("METRICS_TOKEN is empty: whoever reaches this server reads /metrics."),
            hint=_("Set METRICS_TOKEN, and have Prometheus show it."),
            id="calls.W008",
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
