"""Who is let in to the page's socket? Asked before it is open: a stranger gets none."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from channels.db import database_sync_to_async
from django.conf import settings
from django.db import Error

from calls import refusals
from calls.denial import can_deny, deny
from calls.live_page.colleague import Colleague, colleague_of
from calls.refusals import Refused

# Look-ups share one thread with everybody else's, so that a made-up cookie makes others wait. A
# page that is told 503 comes back within seconds.
LOOK_UPS_AT_ONCE = 10
NOT_ALLOWED, NOT_NOW = 403, 503

_looking_up = 0


async def at_the_door(scope: Mapping[str, Any]) -> Colleague | int:
    """Who it is, or the status that they are refused with."""
    global _looking_up
    session_key = session_key_of(scope)
    if not session_key:
        return NOT_ALLOWED
    if _looking_up >= LOOK_UPS_AT_ONCE:
        return NOT_NOW
    _looking_up += 1
    try:
        colleague: Colleague | None = await database_sync_to_async(colleague_of)(session_key)
    except Error:
        return NOT_NOW
    finally:
        _looking_up -= 1
    return NOT_ALLOWED if colleague is None else colleague


def session_key_of(scope: Mapping[str, Any]) -> str:
    key: str = scope["cookies"].get(settings.SESSION_COOKIE_NAME, "")
    return key


async def refuse(
    status: int, scope: Mapping[str, Any], send: Callable[[dict[str, Any]], Awaitable[None]]
) -> None:
    refusals.note(Refused.LIVE_PAGE)
    if status == NOT_NOW and can_deny(scope):
        await deny(send, status)
    else:
        await send({"type": "websocket.close"})
