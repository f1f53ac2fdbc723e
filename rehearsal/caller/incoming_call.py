"""The phone rings: the voice webhook, and the TwiML that answers it."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import ClientSession

from rehearsal.caller.errors import CallFailed
from rehearsal.caller.report import STREAM
from rehearsal.caller.target import Target
from rehearsal.caller.twiml import (
    DialVerb,
    PlainVerb,
    StreamVerb,
    UnknownVerb,
    Verb,
    read_twiml,
)
from rehearsal.caller.webhooks import CallIdentity, post_signed

INCOMING_PATH = "/incoming-call"


@dataclass(frozen=True, slots=True)
class Answered:
    """What the webhook said, and how long it took."""

    url: str
    verbs: tuple[Verb, ...]
    webhook_ms: float

    def stream(self) -> StreamVerb:
        """Where the call goes; CallFailed when the server will not have it."""
        verb = self.verbs[0] if self.verbs else None
        if isinstance(verb, StreamVerb):
            return verb
        said = describe(verb) if verb else "nothing"
        raise CallFailed(f"The server answered the call with {said} instead of a stream.")


def describe(verb: Verb) -> str:
    """A verb in a few words, such as `Reject busy`."""
    if isinstance(verb, PlainVerb):
        return f"{verb.name} {verb.detail}".strip()
    if isinstance(verb, DialVerb):
        return f"Dial {verb.number}"
    if isinstance(verb, UnknownVerb):
        return verb.name
    return STREAM


async def place_call(http: ClientSession, target: Target, call: CallIdentity) -> Answered:
    """Post the voice webhook and read the TwiML. Raises CallFailed."""
    return await _ask(http, target, target.public_url(INCOMING_PATH), call.form("ringing"))


async def fall_back(
    http: ClientSession, target: Target, call: CallIdentity, error_code: int
) -> Answered:
    """Ask the number's Voice fallback, and tell it of the error. Raises CallFailed."""
    form = call.form("ringing") | {
        "ErrorCode": str(error_code),
        "ErrorUrl": target.public_url(INCOMING_PATH),
    }
    return await _ask(http, target, target.voice_fallback_url, form)


async def _ask(http: ClientSession, target: Target, url: str, form: Mapping[str, str]) -> Answered:
    began = time.monotonic()
    answer = await post_signed(http, target, url, form)
    elapsed_ms = (time.monotonic() - began) * 1000
    return Answered(url, read_twiml(answer.twiml()), elapsed_ms)
