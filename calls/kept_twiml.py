"""What is kept of a call in the shared store until Twilio asks, whichever process it asks: TwiML,
and that it is over.
"""

import logging

from calls.shared_store import StoreUnavailable, shared_store

logger = logging.getLogger(__name__)

NEXT_KEPT_SECONDS = 60.0


async def keep_next(call_sid: str, document: str) -> bool:
    """What /stream-ended answers of this call from now on. False when it could not be kept."""
    return await keep(_next(call_sid), document, NEXT_KEPT_SECONDS)


async def next_kept(call_sid: str) -> str | None:
    """The same each time: Twilio may ask twice, and follows one of the answers."""
    try:
        return await shared_store().read(_next(call_sid))
    except StoreUnavailable:
        logger.warning("The shared store is away: what was kept for /stream-ended is not at hand.")
        return None


async def note_over(call_sid: str) -> None:
    """It was ended, by whoever carried it: when Twilio asks once more, nobody is connected anew."""
    await keep(_over(call_sid), "yes", NEXT_KEPT_SECONDS)


async def is_over(call_sid: str) -> bool:
    return await was_kept(_over(call_sid))


async def keep(key: str, document: str, seconds: float) -> bool:
    try:
        await shared_store().put(key, document, seconds)
    except StoreUnavailable:
        logger.warning("The shared store is away: what comes next is not kept there.")
        return False
    return True


async def was_kept(key: str) -> bool:
    """Whether something lies there, which stays. False as well when the store is away."""
    try:
        return await shared_store().read(key) is not None
    except StoreUnavailable:
        return False


async def take(key: str) -> str | None:
    """The document, once."""
    try:
        return await shared_store().take(key)
    except StoreUnavailable:
        logger.warning("The shared store is away: a transfer goes on without it.")
        return None


def _over(call_sid: str) -> str:
    return f"over:{call_sid}"


def _next(call_sid: str) -> str:
    return f"next:{call_sid}"
