"""What a caller hears whom no line is free for: answered by Twilio, before any provider is touched.

The agent's busy clip, or a sentence; then a person, if one works now; else the offer to be
called back. The clip's address names its sound, and is answered from memory (`busy_views.py`).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from calls import twiml
from calls.auth import public_url
from catalog.snapshot import AgentSpec, CatalogSnapshot, ClipAudio
from catalog.spoken_fallbacks import Moment, fallback, of_moments

DIGEST_CHARACTERS = 32


def all_lines_busy(agent: AgentSpec) -> str:
    """The TwiML. Costs no query and no wait: a phone is ringing."""
    language = language_of_sentences(agent.language)
    with translation.override(language):
        return twiml.busy(
            twiml.BusyAnswer(
                clip_url=_address(agent.busy_clip) if agent.busy_clip is not None else None,
                sentence=_("I am sorry, all our lines are busy at the moment."),
                language=language,
                person=_person(agent, language),
                call_back_url=public_url("/call-back?" + urlencode({"language": language}))
                if agent.offer_call_back
                else None,
                offer=_("If you would like us to call you back, press one."),
                goodbye=_("Please call again later. Goodbye."),
            )
        )


def cut_off_for_good(agent: AgentSpec) -> str:
    """The TwiML for a caller whose line to the agent broke again: an apology, and a person."""
    language = language_of_sentences(agent.language)
    person = _person(agent, language)
    if person is not None:
        clip = fallback(Moment.COLLEAGUE, agent.language)
    else:
        clip = agent.apology_clip or fallback(Moment.APOLOGY, agent.language)
    return twiml.play_and_dial(_address(clip), person)


def _person(agent: AgentSpec, language: str) -> twiml.DialAnswer | None:
    """Who takes a call that the agent cannot take, within business hours."""
    targets = agent.transfer_targets
    if not targets or not agent.is_open(datetime.now(ZoneInfo(agent.time_zone))):
        return None
    ended_url = public_url("/transfer-ended?" + urlencode({"language": language}))
    return twiml.DialAnswer(number=targets[0].number, ended_url=ended_url)


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
    """Of what Twilio may have to play, and of nothing else: this address needs no login."""
    global _clips
    if _clips.snapshot is not snapshot:
        _clips = _clips_of(snapshot)
    return _clips.by_digest.get(digest_asked)


@dataclass(frozen=True, slots=True)
class _Clips:
    snapshot: CatalogSnapshot | None
    by_digest: Mapping[str, ClipAudio]


def _clips_of(snapshot: CatalogSnapshot) -> _Clips:
    """Once for each revision: for every request it took 3 to 14 ms, and anybody may ask."""
    agents = snapshot.agents.values()
    clips = [clip for agent in agents for clip in (agent.busy_clip, agent.apology_clip)]
    played = (*clips, *of_moments(Moment.COLLEAGUE, Moment.APOLOGY))
    return _Clips(snapshot, {digest(clip): clip for clip in played if clip is not None})


_clips = _Clips(None, {})


def _address(clip: ClipAudio) -> str:
    return public_url(f"/busy-clip/{digest(clip)}.wav")
