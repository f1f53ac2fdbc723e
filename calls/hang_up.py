"""Ending a call at Twilio, over its REST API."""

import logging
from collections.abc import Mapping

from twilio.base.exceptions import TwilioRestException, TwilioServiceException

from calls import metrics
from calls.twilio_rest import NO_ANSWER, has_credentials, twilio_client

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 3.0
ATTEMPTS = 2
# What Twilio answers when the caller was quicker: to a hang-up, and to new TwiML.
CALL_NOT_IN_PROGRESS = frozenset({20404, 21220})


async def hang_up(call_sid: str) -> bool:
    """Tell Twilio to end the call. False when it could not be told; then close the socket."""
    return await update_call(call_sid, {"status": "completed"})


async def update_call(call_sid: str, change: Mapping[str, str]) -> bool:
    """Change a live call. One retry; a call that is over already counts as done."""
    if not has_credentials():
        return False
    for _attempt in range(ATTEMPTS):
        try:
            async with twilio_client(TIMEOUT_SECONDS) as client:
                await client.calls(call_sid).update_async(**change)
                return True
        except (TwilioRestException, TwilioServiceException) as error:
            if error.code in CALL_NOT_IN_PROGRESS or error.status == 404:
                return True
            logger.warning("Twilio refused to change call %s: %s", call_sid, error.code)
        except NO_ANSWER as error:
            logger.warning("Twilio's REST API did not answer: %s", type(error).__name__)
        metrics.provider_errors.labels(provider="twilio").inc()
    return False
