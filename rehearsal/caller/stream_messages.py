"""The messages that Twilio sends on a media stream. Pure.

Numbers are strings, as Twilio sends them.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass

from rehearsal.caller.webhooks import CallIdentity

FRAME_MS = 20
FRAME_BYTES = 160
SILENCE = b"\xff" * FRAME_BYTES


def payload(audio: bytes) -> str:
    return base64.b64encode(audio).decode("ascii")


def frames(audio: bytes) -> tuple[str, ...]:
    """Payloads of 20 ms each; the last is filled up with silence."""
    padded = audio + b"\xff" * (-len(audio) % FRAME_BYTES)
    return tuple(
        payload(padded[start : start + FRAME_BYTES]) for start in range(0, len(padded), FRAME_BYTES)
    )


SILENCE_PAYLOAD = payload(SILENCE)
CONNECTED = '{"event":"connected","protocol":"Call","version":"1.0.0"}'


@dataclass(slots=True)
class MessageWriter:
    """Writes the messages of one stream and numbers them: `start` is 1, everything after counts."""

    call: CallIdentity
    stream_sid: str
    sequence_number: int = 0
    chunk: int = 0

    def start(self, parameters: Mapping[str, str]) -> str:
        return self._dump(
            "start",
            {
                "accountSid": self.call.account_sid,
                "streamSid": self.stream_sid,
                "callSid": self.call.call_sid,
                "tracks": ["inbound"],
                "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
                "customParameters": dict(parameters),
            },
        )

    def media(self, frame_payload: str) -> str:
        """20 ms of audio. Put together by hand: json.dumps costs ten times as much."""
        self.sequence_number += 1
        self.chunk += 1
        return (
            f'{{"event":"media","sequenceNumber":"{self.sequence_number}","media":'
            f'{{"track":"inbound","chunk":"{self.chunk}",'
            f'"timestamp":"{(self.chunk - 1) * FRAME_MS}","payload":"{frame_payload}"}},'
            f'"streamSid":"{self.stream_sid}"}}'
        )

    def mark(self, name: str) -> str:
        return self._dump("mark", {"name": name})

    def dtmf(self, digit: str) -> str:
        return self._dump("dtmf", {"track": "inbound_track", "digit": digit})

    def stop(self) -> str:
        return self._dump(
            "stop", {"accountSid": self.call.account_sid, "callSid": self.call.call_sid}
        )

    def _dump(self, event: str, body: Mapping[str, object]) -> str:
        self.sequence_number += 1
        return json.dumps(
            {
                "event": event,
                "sequenceNumber": str(self.sequence_number),
                event: body,
                "streamSid": self.stream_sid,
            },
            separators=(",", ":"),
        )
