"""Handing a call over to a colleague: whom Twilio dials, and what the colleague hears first.

What is whispered is personal, so it stands in no URL: it is kept in the shared store under a key
that is good once. A hand-over that Twilio could not be told of is kept there as well, until Twilio
asks at /stream-ended what comes next.
"""

import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from calls import twiml
from calls.auth import public_url
from calls.farewell import stream_is_closed, told_in_time
from calls.hang_up import update_call
from calls.kept_twiml import keep, keep_next, take
from calls.session_tools import SessionTools
from calls.socket import Socket
from catalog.tools.context import TransferTarget

LONGEST_CALL_SECONDS = 14_400  # Twilio's own limit, unless it is told another
KEY_BYTES = 16  # 128 bits
WHISPER_KEPT_SECONDS = 120.0  # ringing, and whatever the network takes before it
# Half a minute of speech, which the caller hears as ringing.
MAX_NAME_CHARS = 60
MAX_SUMMARY_CHARS = 240


@dataclass(frozen=True, slots=True)
class HandOver:
    """A transfer that was announced to the caller. `language` is the agent's, BCP-47."""

    target: TransferTarget
    business_name: str
    caller_name: str
    summary: str
    language: str


Milestone = Callable[[str, str], None]


async def hand_over(
    call_sid: str, socket: Socket, tools: SessionTools, milestone: Milestone
) -> None:
    """Have Twilio dial the colleague, and close the socket once Twilio has let go of it.

    Never hangs up. When Twilio cannot be told, or does not end the stream, the closed socket takes
    the call on to /stream-ended, which answers with the same <Dial>.
    """
    agreed = _agreed_with(tools)
    if agreed is not None:
        document = await _dial(agreed)
        # Twilio was told the agent's longest call: the colleague's part has no such limit.
        change = {"twiml": document, "time_limit": str(LONGEST_CALL_SECONDS)}
        told = await told_in_time(update_call(call_sid, change), socket)
        if not (told and await stream_is_closed(call_sid, socket)):
            kept = await keep_next(call_sid, document)
            told = told or kept
        milestone("transferred" if told else "transfer failed", agreed.target.name)
    await socket.close()


async def whisper(key: str) -> str | None:
    """The TwiML for who has picked up, once."""
    return await take(f"whisper:{key}")


def whispered(agreed: HandOver) -> str:
    """One line: which business, who is calling, and why."""
    parts = (
        one_line(agreed.business_name, MAX_NAME_CHARS),
        one_line(agreed.caller_name, MAX_NAME_CHARS),
        one_line(agreed.summary, MAX_SUMMARY_CHARS),
    )
    return " ".join(part if part[-1] in ".!?" else f"{part}." for part in parts if part)


def one_line(text: str, most_chars: int) -> str:
    """Without line breaks, and without what is invisible or not allowed in XML."""
    visible = "".join(" " if unicodedata.category(it)[0] in "CZ" else it for it in text)
    return " ".join(visible.split())[:most_chars].strip()


def _agreed_with(tools: SessionTools) -> HandOver | None:
    departure = tools.handing_over
    if departure is None or departure.hand_over_to is None:
        return None
    customer = tools.caller.customer
    return HandOver(
        target=departure.hand_over_to,
        business_name=tools.business_name,
        caller_name=customer.name if customer is not None else "",
        summary=departure.summary,
        language=tools.language,
    )


async def _dial(agreed: HandOver) -> str:
    key = secrets.token_urlsafe(KEY_BYTES)
    text = twiml.say(whispered(agreed), agreed.language)
    kept = await keep(f"whisper:{key}", text, WHISPER_KEPT_SECONDS)
    return twiml.dial(
        twiml.DialAnswer(
            number=agreed.target.number,
            ended_url=public_url("/transfer-ended?" + urlencode({"language": agreed.language})),
            whisper_url=public_url("/transfer-whisper?" + urlencode({"key": key}))
            if kept
            else None,
        )
    )
