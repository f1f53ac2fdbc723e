"""What Twilio asks of us while it tells a caller that all lines are busy."""

from django.http import HttpRequest, HttpResponse

from calls import twiml
from calls.busy import call_back_noted, clip_with
from calls.call_log import call_log
from calls.happenings import Milestone
from calls.views import from_twilio, plain, xml
from catalog import warmup as catalog_warmup
from catalog.wav_response import wav_response

YES = "1"


@from_twilio
async def call_back(request: HttpRequest) -> HttpResponse:
    """The caller has pressed a key, or none."""
    if request.POST.get("Digits") != YES:
        return xml(twiml.hang_up())
    call_log.post(Milestone(request.POST["CallSid"], "call back wanted"))
    return xml(call_back_noted(request.GET.get("language", "")))


async def busy_clip(request: HttpRequest, digest: str) -> HttpResponse:
    """A sound that every caller may hear. Unsigned: Twilio does not sign what it plays."""
    try:
        clip = clip_with(digest, catalog_warmup.current())
    except catalog_warmup.CatalogNotReady:
        return plain(503, "Not ready yet.")
    if clip is None:
        return plain(404, "Not found.")
    response = wav_response(request, clip.mulaw)
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
