"""What somebody answers on WhatsApp: Twilio posts it here, and nobody waits for the rows."""

import re

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from calls import twiml
from calls.call_log import call_log
from calls.happenings import SurveyReplied
from calls.survey.remarks import wants_no_more
from calls.survey.score import score_in
from calls.views import ACCOUNT_SID, signed, xml
from calls.whatsapp import CHANNEL
from customers.phone import normalise

MESSAGE_SID = re.compile(r"(SM|MM)[0-9a-f]{32}")


@signed(MessageSid=MESSAGE_SID, AccountSid=ACCOUNT_SID)
async def whatsapp_reply(request: HttpRequest) -> HttpResponse:
    """Only the score goes on. Whoever gave none is asked once more, by a task of its own."""
    sender, text = request.POST.get("From", ""), request.POST.get("Body", "")
    number = normalise(sender.removeprefix(CHANNEL)) if sender.startswith(CHANNEL) else None
    if number is not None:
        call_log.post(SurveyReplied(number, score_in(text), wants_no_more(text), timezone.now()))
    return xml(twiml.nothing())
