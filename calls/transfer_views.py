"""What do we tell Twilio of a call that was handed over?"""

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _

from calls import transfer, twiml
from calls.busy import language_of_sentences
from calls.call_log import call_log
from calls.happenings import Milestone
from calls.views import from_twilio, xml

NOT_TAKEN = frozenset({"busy", "no-answer", "failed", "canceled"})


@from_twilio
async def transfer_whisper(request: HttpRequest) -> HttpResponse:
    """A colleague has picked up: who is calling, and why. Only the colleague hears it."""
    return xml(await transfer.whisper(request.GET.get("key", "")) or twiml.nothing())


@from_twilio
async def transfer_ended(request: HttpRequest) -> HttpResponse:
    """The colleague has hung up, or never took the call; then the caller is told so."""
    outcome = request.POST.get("DialCallStatus", "")
    # Not bridged: somebody picked up, heard the whisper, and hung up.
    if outcome in {"completed", "answered"} and request.POST.get("DialBridged") != "false":
        return xml(twiml.hang_up())
    detail = outcome if outcome in NOT_TAKEN else ""
    call_log.post(Milestone(request.POST["CallSid"], "transfer not answered", detail=detail))
    return xml(_nobody_is_free(request.GET.get("language", "")))


def _nobody_is_free(agent_language: str) -> str:
    language = language_of_sentences(agent_language)
    with translation.override(language):
        sentence = _(
            "I am sorry, nobody can take your call at the moment. Please call again later."
        )
    return twiml.say(sentence, language, then_hang_up=True)
