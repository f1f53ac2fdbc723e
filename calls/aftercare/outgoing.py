"""What is sent to a webhook, how it is signed, and what its answer means."""

import asyncio
import hashlib
import hmac
import json
import time
import uuid
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import httpx2
from django.utils import timezone

from calls.call_record import call_record
from calls.models import Call
from catalog.tools.outbound import OutboundRefused, client

DEADLINE_SECONDS = 10.0
GONE = 410


@dataclass(frozen=True, slots=True)
class Answer:
    """`status` is None when there was none. `final`: there is no use in another attempt."""

    status: int | None
    problem: str = ""
    final: bool = False

    @property
    def accepted(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class Event(StrEnum):
    ENDED = "call.ended"
    SUMMARISED = "call.summarised"  # after it was told that the call ended, without a summary
    TEST = "test"


def message_about(event: Event, call: Call, delivery_id: str, *, with_words: bool) -> bytes:
    record = call_record(call)
    if not with_words:
        del record["transcript"]
        record["tool_runs"] = [
            {name: run[name] for name in ("name", "outcome", "ms")} for run in record["tool_runs"]
        ]
    return _message(event, delivery_id, call=record)


def test_message() -> tuple[str, bytes]:
    """For the button in the admin. Its id, and what is sent."""
    delivery_id = str(uuid.uuid4())
    return delivery_id, _message(Event.TEST, delivery_id)


def _message(event: Event, delivery_id: str, **more: Any) -> bytes:
    sent_at = timezone.now().isoformat()
    document = {"event": event, "delivery": delivery_id, "sent_at": sent_at, **more}
    return json.dumps(document, ensure_ascii=False).encode()


def signature(secret: str, body: bytes, at: int) -> str:
    """The moment is signed as well: a receiver refuses what was recorded and is sent again."""
    signed = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256)
    return f"t={at},v1={signed.hexdigest()}"


def post(url: str, secret: str, delivery_id: str, body: bytes) -> Answer:
    """Send it once. Never raises for what the network or the receiver does."""
    return asyncio.run(_post(url, secret, delivery_id, body))


async def _post(url: str, secret: str, delivery_id: str, body: bytes) -> Answer:
    headers = {
        "Content-Type": "application/json",
        "X-Voiceagent-Signature": signature(secret, body, int(time.time())),
        "X-Voiceagent-Delivery": delivery_id,
    }
    try:
        async with asyncio.timeout(DEADLINE_SECONDS), client(DEADLINE_SECONDS) as outbound:
            request = outbound.build_request("POST", url, content=body, headers=headers)
            # The status is all that counts: what else they say is not read.
            response = await outbound.send(request, stream=True)
            await response.aclose()
    except OutboundRefused as error:
        return Answer(None, str(error))
    except (TimeoutError, httpx2.TimeoutException):
        return Answer(None, "timeout")
    except (httpx2.HTTPError, httpx2.InvalidURL, ExceptionGroup) as error:
        return Answer(None, type(error).__name__)
    status = response.status_code
    return Answer(status, "" if 200 <= status < 300 else f"HTTP {status}", final=status == GONE)
