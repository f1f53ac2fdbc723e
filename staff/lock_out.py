"""After too many wrong passwords or codes: no log-in as that person from that address for a while.

By the two together, so that nobody can lock somebody else out from elsewhere. django-axes keeps the
rows, in the database: all servers count together.
"""

import logging
import math
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from axes.models import AccessAttempt
from axes.signals import user_locked_out
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_login_failed
from django.db.models import Max, Sum
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import ngettext

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Lock:
    """From one address; it opens by itself."""

    address: str
    until: datetime


def key_of(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """What stands for a login name in the rows. People type their password there by mistake."""
    typed = (credentials or request.POST).get("username") or ""
    return _key(str(typed))


def _key(username: str) -> str:
    return salted_hmac("staff.lock_out", username, algorithm="sha256").hexdigest()


def is_locked_out(request: HttpRequest, username: str) -> bool:
    return bool(AxesProxyHandler.is_locked(request, {"username": username}))


def count_failure(request: HttpRequest, username: str) -> None:
    """A wrong code is a failed log-in, as a wrong password is one to Django."""
    credentials = {"username": username}
    user_login_failed.send(sender=__name__, credentials=credentials, request=request)


def locks_of(user: User) -> list[Lock]:
    """In the order of their addresses."""
    cool_off = settings.AXES_COOLOFF_TIME
    rows = (
        AccessAttempt.objects.filter(
            username=_key(user.get_username()), attempt_time__gte=timezone.now() - cool_off
        )
        .order_by("ip_address")
        .values("ip_address")
        .annotate(failures=Sum("failures_since_start"), last=Max("attempt_time"))
    )
    return [
        Lock(row["ip_address"] or "", row["last"] + cool_off)
        for row in rows
        if row["failures"] >= settings.AXES_FAILURE_LIMIT
    ]


def unlock(user: User) -> None:
    """Forget the failures of this person, from everywhere."""
    AccessAttempt.objects.filter(username=_key(user.get_username())).delete()


def sentence() -> str:
    """For the log-in page. It is the same for a name that nobody has."""
    minutes = math.ceil(settings.AXES_COOLOFF_TIME.total_seconds() / 60)
    return ngettext(
        "Too many wrong attempts. To be safe, nobody can log in as this person from here for "
        "%(minutes)d minute. Please wait, then try again, or ask whoever manages your users to "
        "unlock you.",
        "Too many wrong attempts. To be safe, nobody can log in as this person from here for "
        "%(minutes)d minutes. Please wait, then try again, or ask whoever manages your users to "
        "unlock you.",
        minutes,
    ) % {"minutes": minutes}


def _say_so(sender: Any, request: HttpRequest, ip_address: str | None, **_more: Any) -> None:
    """Without the name that was typed: it may be a password."""
    logger.warning("Log-ins from %s are refused for a while: too many failed.", ip_address)


user_locked_out.connect(_say_so, dispatch_uid="staff.lock_out")
