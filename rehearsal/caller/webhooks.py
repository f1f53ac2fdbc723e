"""The form posts that Twilio makes about a call, signed as Twilio signs them."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from secrets import token_hex

from aiohttp import ClientError, ClientSession
from twilio.request_validator import RequestValidator

from rehearsal.caller.errors import CallFailed
from rehearsal.caller.target import Target

WEBHOOK_DEADLINE_SECONDS = 15.0  # Twilio's own, over all retries
API_VERSION = "2010-04-01"


@dataclass(frozen=True, slots=True)
class CallIdentity:
    """Who calls whom. The SID looks like Twilio's and is new for each call."""

    from_number: str
    to_number: str
    account_sid: str
    call_sid: str = field(default_factory=lambda: f"CA{token_hex(16)}")

    def form(self, status: str) -> dict[str, str]:
        """The fields that stand in every webhook about a call."""
        return {
            "AccountSid": self.account_sid,
            "ApiVersion": API_VERSION,
            "CallSid": self.call_sid,
            "CallStatus": status,
            "Called": self.to_number,
            "Caller": self.from_number,
            "Direction": "inbound",
            "From": self.from_number,
            "To": self.to_number,
        }


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """What the <Stream statusCallback> is told."""

    kind: str  # stream-started, stream-stopped or stream-error
    stream_sid: str
    stream_name: str
    error: str = ""


class WebhookFailed(CallFailed):
    """Twilio turns to the number's Voice fallback then. `error_code` is Twilio's."""

    def __init__(self, sentence: str, error_code: int) -> None:
        super().__init__(sentence)
        self.error_code = error_code


@dataclass(frozen=True, slots=True)
class WebhookAnswer:
    url: str
    status: int
    body: str

    def twiml(self) -> str:
        """The body of a 200 answer."""
        if self.status != 200:
            raise WebhookFailed(f"{self.url} answered {self.status} instead of TwiML.", 11200)
        return self.body


def signature(target: Target, url: str, form: Mapping[str, str]) -> str:
    """X-Twilio-Signature of a form post; for a WebSocket upgrade the form is empty."""
    return str(RequestValidator(target.auth_token).compute_signature(url, form))


async def post_signed(
    http: ClientSession, target: Target, url: str, form: Mapping[str, str]
) -> WebhookAnswer:
    """Post a form to a public address. Status and body are the caller's to judge."""
    headers = {"X-Twilio-Signature": signature(target, url, form), "User-Agent": "TwilioProxy/1.1"}
    try:
        async with (
            asyncio.timeout(WEBHOOK_DEADLINE_SECONDS),
            http.post(target.reachable(url), data=form, headers=headers) as response,
        ):
            return WebhookAnswer(url, response.status, await response.text())
    except TimeoutError:
        raise WebhookFailed(f"{url} did not answer within 15 s.", 11200) from None
    except (ClientError, OSError, UnicodeDecodeError) as error:
        raise WebhookFailed(f"{url} could not be reached: {error}.", 11205) from None


async def fetch_signed(http: ClientSession, target: Target, url: str) -> int:
    """Fetch a clip, as <Play> does. Returns its size in bytes, and raises CallFailed for none."""
    headers = {"X-Twilio-Signature": signature(target, url, {}), "User-Agent": "TwilioProxy/1.1"}
    try:
        async with (
            asyncio.timeout(WEBHOOK_DEADLINE_SECONDS),
            http.get(target.reachable(url), headers=headers) as response,
        ):
            size = len(await response.read())
            if response.status != 200 or not size:
                raise CallFailed(f"{url} answered {response.status} with {size} bytes.")
            if not response.content_type.startswith("audio/"):
                raise CallFailed(f"{url} is {response.content_type} and no audio (12300).")
            return size
    except TimeoutError:
        raise CallFailed(f"{url} did not answer within 15 s.") from None
    except (ClientError, OSError) as error:
        raise CallFailed(f"{url} could not be reached: {error}.") from None


def picked_up_form(call: CallIdentity, number: str) -> dict[str, str]:
    """The <Number url>: about the leg to who picked up, a call of its own."""
    return call.form("in-progress") | {
        "Called": number,
        "CallSid": f"CA{token_hex(16)}",
        "Direction": "outbound-dial",
        "ParentCallSid": call.call_sid,
        "To": number,
    }


def dial_ended_form(call: CallIdentity, status: str, *, bridged: bool) -> dict[str, str]:
    """The <Dial action>."""
    return call.form("in-progress") | {
        "DialBridged": "true" if bridged else "false",
        "DialCallDuration": "1" if bridged else "0",
        "DialCallSid": f"CA{token_hex(16)}",
        "DialCallStatus": status,
    }


def ended_form(call: CallIdentity, duration_seconds: float) -> dict[str, str]:
    """The status callback after a call."""
    return status_form(call, "completed", duration_seconds)


def status_form(call: CallIdentity, status: str, duration_seconds: float) -> dict[str, str]:
    """A status callback. They may come twice, late, and in any order."""
    form = call.form(status) | {
        "CallbackSource": "call-progress-events",
        "SequenceNumber": "0",
        "Timestamp": format_datetime(datetime.now(UTC)),
    }
    if status != "completed":
        return form
    return form | {
        "CallDuration": str(round(duration_seconds)),
        "Duration": str(max(1, -(-round(duration_seconds) // 60))),
    }


def stream_form(call: CallIdentity, event: StreamEvent) -> dict[str, str]:
    """A stream's status callback."""
    form = {
        "AccountSid": call.account_sid,
        "CallSid": call.call_sid,
        "StreamEvent": event.kind,
        "StreamName": event.stream_name,
        "StreamSid": event.stream_sid,
        "Timestamp": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    return form | {"StreamError": event.error} if event.error else form
