"""What a caller hears whom no line is free for: answered by Twilio, before any provider is touched.

The agent's busy clip, or a sentence; then a person, if one works now; else the offer to be
called back. The clip's address names its sound, and is answered from memory (`busy_views.py`).
"""

import hashlib
from datetime import datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from calls import twiml
from calls.auth import public_url
from catalog.snapshot import AgentSpec, CatalogSnapshot, ClipAudio

DIGEST_CHARACTERS = 32


def all_lines_busy(agent: AgentSpec) -> str:
    """The TwiML. Costs no query and no wait: a phone is ringing."""
    now = datetime.now(ZoneInfo(agent.time_zone))
    person = agent.transfer_targets[0] if agent.transfer_targets and agent.is_open(now) else None
    language = language_of_sentences(agent.language)
    with translation.override(language):
        return twiml.busy(
            twiml.BusyAnswer(
                clip_url=_address(agent.busy_clip),
                sentence=_("I am sorry, all our lines are busy at the moment."),
                language=language,
                person=None
                if person is None
                else twiml.DialAnswer(
                    number=person.number,
                    ended_url=public_url("/transfer-ended?" + urlencode({"language": language})),
                ),
                call_back_url=public_url("/call-back?" + urlencode({"language": language}))
                if agent.offer_call_back
                else None,
                offer=_("If you would like us to call you back, press one."),
                goodbye=_("Please call again later. Goodbye."),
            )
        )


def call_back_noted(language: str) -> str:
    known = language_of_sentences(language)
    with translation.override(known):
        return twiml.say(_("Thank you. We will call you back."), known, then_hang_up=True)


def language_of_sentences(agent_language: str) -> str:
    """The agent's, or English where there are no sentences in it."""
    try:
        translation.get_supported_language_variant(agent_language)
    except LookupError:
        return settings.LANGUAGE_CODE
    return agent_language


def digest(clip: ClipAudio) -> str:
    return hashlib.sha256(clip.mulaw).hexdigest()[:DIGEST_CHARACTERS]


def clip_with(digest_asked: str, snapshot: CatalogSnapshot) -> ClipAudio | None:
    """Of the busy clips that are live, and of no others: this address needs no login."""
    for agent in snapshot.agents.values():
        if agent.busy_clip is not None and digest(agent.busy_clip) == digest_asked:
            return agent.busy_clip
    return None


def _address(clip: ClipAudio | None) -> str | None:
    return None if clip is None else public_url(f"/busy-clip/{digest(clip)}.wav")
