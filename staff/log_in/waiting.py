"""Who has given the right password and not yet a code? Kept in the session, which nobody is yet."""

import time
from dataclasses import asdict, dataclass

from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

SECONDS = 300.0
_KEY = "waiting_for_code"


@dataclass(frozen=True, slots=True)
class Waiting:
    """`until` is the clock of the wall, since another server may be asked next."""

    user_id: int
    password_hash: str  # so that a new password ends the waiting
    next_page: str
    until: float


def wait_for_code(request: HttpRequest, user: User, next_page: str) -> None:
    request.session.cycle_key()  # Whoever knew the session before must not be asked for the code.
    until = time.time() + SECONDS
    waiting = Waiting(user.pk, user.get_session_auth_hash(), next_page, until)
    request.session[_KEY] = asdict(waiting)


def who_waits(request: HttpRequest) -> tuple[User, str] | None:
    """The person, and the page to go on to. None when nobody is waiting, or not any more."""
    kept = request.session.get(_KEY)
    if kept is None:
        return None
    waiting = Waiting(**kept)
    user = User.objects.filter(pk=waiting.user_id, is_active=True, is_staff=True).first()
    if user is None or time.time() > waiting.until:
        return None
    if not constant_time_compare(waiting.password_hash, user.get_session_auth_hash()):
        return None
    return user, waiting.next_page


def stop_waiting(request: HttpRequest) -> None:
    request.session.pop(_KEY, None)
