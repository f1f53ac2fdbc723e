"""A WhatsApp message to the caller, over Twilio's REST API."""

import json
import logging

from django.conf import settings
from django.utils.translation import gettext as _
from twilio.base.exceptions import TwilioRestException, TwilioServiceException

from calls import metrics
from calls.twilio_rest import NO_ANSWER, has_credentials, twilio_client
from catalog.tools.context import ToolError

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 4.0
CHANNEL = "whatsapp:"
# Twilio's codes for a number that is no number, has no WhatsApp, or wants no messages.
CANNOT_BE_REACHED = frozenset({21211, 21610, 21614, 63003, 63024})
NOT_DELIVERED = frozenset({"failed", "undelivered", "canceled"})


class NotSent(ToolError):
    """`may_arrive`: it may have gone out all the same. `final`: nor will it ever to this number."""

    def __init__(
        self, spoken_message: str, *, may_arrive: bool = False, final: bool = False
    ) -> None:
        super().__init__(spoken_message)
        self.may_arrive, self.final = may_arrive, final


async def send_whatsapp(number: str, text: str) -> None:
    """Send it once. `number` is E.164. Raises NotSent with a sentence for the caller.

    There is no second attempt: Twilio has no idempotency key for messages, and a request without
    an answer may have been carried out.
    """
    if not (has_credentials() and settings.TWILIO_WHATSAPP_FROM):
        raise NotSent(_("I cannot send messages at the moment."))
    sender = settings.TWILIO_WHATSAPP_FROM.removeprefix(CHANNEL)
    try:
        async with twilio_client(TIMEOUT_SECONDS) as client:
            sent = await client.messages.create_async(
                to=f"{CHANNEL}{number}", from_=f"{CHANNEL}{sender}", **_content(text)
            )
    except (TwilioRestException, TwilioServiceException) as error:
        logger.warning("Twilio refused a WhatsApp message: %s", error.code)
        raise _not_sent(error.code) from error
    except NO_ANSWER as error:
        logger.warning("Twilio did not answer about a message: %s", type(error).__name__)
        metrics.provider_errors.labels(provider="twilio").inc()
        raise NotSent(_("I cannot tell whether your message went out."), may_arrive=True) from error
    if str(sent.status) in NOT_DELIVERED:
        logger.warning("Twilio did not send a WhatsApp message: %s", sent.error_code)
        raise _not_sent(sent.error_code)


def _content(text: str) -> dict[str, str]:
    """Free text, or the approved template that may be sent to who has not written for 24 hours."""
    template = settings.TWILIO_WHATSAPP_CONTENT_SID
    if not template:
        return {"body": text}
    one_line = " ".join(text.split())  # WhatsApp refuses a variable with a line break
    variables = json.dumps({"1": one_line}, ensure_ascii=False)
    return {"content_sid": template, "content_variables": variables}


def _not_sent(code: int | None) -> NotSent:
    metrics.provider_errors.labels(provider="twilio").inc()
    if code in CANNOT_BE_REACHED:
        return NotSent(_("I cannot reach your number on WhatsApp."), final=True)
    return NotSent(_("I could not send the message."))
