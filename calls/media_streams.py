"""Twilio Media Streams messages, to and from dataclasses. Pure: text in, values out.

Source: twilio.com/docs/voice/media-streams/websocket-messages. Twilio sends the numbers as
strings, and media of any length.
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MAX_MESSAGE_CHARS = 65_536
STREAM_SID = re.compile(r"[A-Za-z0-9]{2,64}")
MAX_PAYLOAD_BYTES = 8_000  # one second of 8 kHz mu-law


@dataclass(frozen=True, slots=True)
class Connected:
    """The first message; it carries no stream SID."""


@dataclass(frozen=True, slots=True)
class StreamStarted:
    stream_sid: str
    call_sid: str
    account_sid: str
    parameters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Media:
    """Audio of the caller: raw 8 kHz mono mu-law. `timestamp_ms` counts from the stream's start;
    `number`, here and below, is Twilio's own of the message.
    """

    stream_sid: str
    audio: bytes
    number: int | None = None
    timestamp_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """All audio sent before this mark has been played, or was flushed by a clear."""

    stream_sid: str
    name: str
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Dtmf:
    stream_sid: str
    digit: str
    number: int | None = None


@dataclass(frozen=True, slots=True)
class StreamStopped:
    stream_sid: str
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Ignored:
    """Well-formed, and nothing to us: an event that Twilio may have added, another track."""


@dataclass(frozen=True, slots=True)
class Malformed:
    """Something that Twilio does not send. `reason` never quotes the message."""

    reason: str


Message = Connected | StreamStarted | Media | Mark | Dtmf | StreamStopped | Ignored | Malformed


def parse(text: str | None) -> Message:
    """What one WebSocket text frame says. Total: anything unexpected is Malformed."""
    if text is None:
        return Malformed("a binary frame")
    if len(text) > MAX_MESSAGE_CHARS:
        return Malformed("an oversize frame")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return Malformed("not JSON")
    if not isinstance(document, dict):
        return Malformed("not a JSON object")
    try:
        return _read(document)
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError):
        return Malformed("a field is missing or of the wrong type")


def _read(document: dict[str, Any]) -> Message:
    event = document["event"]
    if event == "media":
        return _read_media(document)
    number = _number(document.get("sequenceNumber"))
    if event == "mark":
        return Mark(_text(document["streamSid"]), _text(document["mark"]["name"]), number)
    if event == "connected":
        return Connected()
    if event == "start":
        return _read_start(document)
    if event == "dtmf":
        return Dtmf(_text(document["streamSid"]), _text(document["dtmf"]["digit"])[:1], number)
    if event == "stop":
        return StreamStopped(_text(document["streamSid"]), number)
    return Ignored() if isinstance(event, str) else Malformed("an event that is no text")


def _read_media(document: dict[str, Any]) -> Message:
    media = document["media"]
    if media.get("track", "inbound") != "inbound":
        return Ignored()
    try:
        audio = base64.b64decode(_text(media["payload"]), validate=True)
    except binascii.Error:
        return Malformed("a payload that is not base64")
    if not 0 < len(audio) <= MAX_PAYLOAD_BYTES:
        return Malformed("a payload of the wrong size")
    number = _number(document.get("sequenceNumber"))
    return Media(_text(document["streamSid"]), audio, number, _number(media.get("timestamp")))


def _read_start(document: dict[str, Any]) -> Message:
    start = document["start"]
    if start["streamSid"] != document["streamSid"]:
        return Malformed("two stream SIDs in one start")
    audio_format = start["mediaFormat"]
    if (audio_format["encoding"], int(audio_format["sampleRate"])) != ("audio/x-mulaw", 8000):
        return Malformed("a media format other than 8 kHz mu-law")
    parameters = start.get("customParameters") or {}
    stream_sid = _text(document["streamSid"])
    if not STREAM_SID.fullmatch(stream_sid):  # it goes into every message of ours
        return Malformed("a stream SID that Twilio would not give")
    return StreamStarted(
        stream_sid=stream_sid,
        call_sid=_text(start["callSid"]),
        account_sid=_text(start["accountSid"]),
        parameters={_text(name): _text(value) for name, value in parameters.items()},
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _number(value: str | int | None) -> int | None:
    """Twilio writes numbers as strings."""
    return None if value is None else int(value)


def media(stream_sid: str, payload: str) -> str:
    """A media message. `payload` is base64 of raw mu-law, without any file header."""
    return f'{{"event":"media","streamSid":"{stream_sid}","media":{{"payload":"{payload}"}}}}'


def mark(stream_sid: str, name: str) -> str:
    """A mark that is echoed when everything sent before it has been played."""
    return f'{{"event":"mark","streamSid":"{stream_sid}","mark":{{"name":"{name}"}}}}'


def clear(stream_sid: str) -> str:
    """Empties Twilio's buffer; every pending mark is echoed at once."""
    return f'{{"event":"clear","streamSid":"{stream_sid}"}}'
