"""Ending a call at Twilio, or sending it elsewhere, over its REST API."""

import logging
from collections.abc import Mapping
from enum import Enum

from twilio.base.exceptions import TwilioRestException, TwilioServiceException

from calls import metrics
from calls.twilio_rest import NO_ANSWER, has_credentials, twilio_client

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 3.0
ATTEMPTS = 2
# What Twilio answers when the caller was quicker: to a hang-up, and to new TwiML.
CALL_NOT_IN_PROGRESS = frozenset({20404, 21220})


class Told(Enum):
    """What became of an order to Twilio."""

    DONE = "done"
    OVER = "over"  # the call was over already
    FAILED = "failed"  # Twilio did not answer, or refused


async def hang_up(call_sid: str) -> bool:
    """Tell Twilio to end the call. False when it could not be told; then close the socket."""
    return await update_call(call_sid, {"status": "completed"})


async def update_call(call_sid: str, change: Mapping[str, str]) -> bool:
    """Change a live call. One retry; a call that is over already counts as done."""
    return await tell(call_sid, change) is not Told.FAILED


async def tell(call_sid: str, change: Mapping[str, str]) -> Told:
    """The same, and whether the call was still there."""
    if not has_credentials():
        return Told.FAILED
    for _attempt in range(ATTEMPTS):
        try:
            async with twilio_client(TIMEOUT_SECONDS) as client:
                await client.calls(call_sid).update_async(**change)
                return Told.DONE
        except (TwilioRestException, TwilioServiceException) as error:
            if error.code in CALL_NOT_IN_PROGRESS or error.status == 404:
                return Told.OVER
            logger.warning("Twilio refused to change call %s: %s", call_sid, error.code)
        except NO_ANSWER as error:
            logger.warning("Twilio's REST API did not answer: %s", type(error).__name__)
        metrics.provider_errors.labels(provider="twilio").inc()
    return Told.FAILED


async def status_of(call_sid: str) -> str | None:
    """Twilio's word for where the call is. "": it knows no such call. None: it did not answer."""
    if not has_credentials():
        return None
    try:
        async with twilio_client(TIMEOUT_SECONDS) as client:
            return str((await client.calls(call_sid).fetch_async()).status)
    except (TwilioRestException, TwilioServiceException) as error:
        if error.status == 404:
            return ""
        logger.warning("Twilio does not tell of call %s: %s", call_sid, error.code)
    except NO_ANSWER as error:
        logger.warning("Twilio's REST API did not answer: %s", type(error).__name__)
    metrics.provider_errors.labels(provider="twilio").inc()
    return None
