"""Reads what the server sends on a media stream and names every breach of Twilio's schema. Pure.

Twilio warns of such a breach once per stream (31950, 31951) and ignores the message; a rehearsal
collects them all.
"""

import base64
import binascii
import json
from dataclasses import dataclass

_FILE_HEADERS = (b"RIFF", b"ID3", b"OggS", b"fLaC", b".snd")


@dataclass(frozen=True, slots=True)
class ServerMedia:
    audio: bytes


@dataclass(frozen=True, slots=True)
class ServerMark:
    name: str


@dataclass(frozen=True, slots=True)
class ServerClear:
    pass


@dataclass(frozen=True, slots=True)
class Violation:
    """A message that Twilio would refuse. `reason` never quotes audio."""

    reason: str


ServerMessage = ServerMedia | ServerMark | ServerClear | Violation

_KEYS = {
    "media": {"event", "streamSid", "media"},
    "mark": {"event", "streamSid", "mark"},
    "clear": {"event", "streamSid"},
}


def read_server_message(frame: str | bytes, stream_sid: str) -> ServerMessage:
    """What one WebSocket frame from the server says."""
    if isinstance(frame, bytes):
        return Violation("a binary frame (31950)")
    try:
        document = json.loads(frame)
    except (ValueError, RecursionError):
        return Violation("a frame that is not JSON (31950)")
    if not isinstance(document, dict):
        return Violation("JSON that is not an object (31951)")
    event = document.get("event")
    expected = _KEYS.get(event) if isinstance(event, str) else None
    if expected is None:
        return Violation(f"the event {str(event)[:40]!r}, which Twilio does not know (31951)")
    if set(document) != expected:
        odd = ", ".join(sorted(set(document) ^ expected))
        return Violation(f"a {event} with missing or foreign fields: {odd[:80]} (31951)")
    if document["streamSid"] != stream_sid:
        return Violation(f"a {event} with a foreign streamSid (31951)")
    if event == "media":
        return _read_media(document["media"])
    if event == "mark":
        return _read_mark(document["mark"])
    return ServerClear()


def _read_media(media: object) -> ServerMessage:
    if not isinstance(media, dict) or set(media) != {"payload"}:
        return Violation("a media that does not hold exactly a payload (31951)")
    try:
        audio = base64.b64decode(media["payload"], validate=True)
    except (binascii.Error, TypeError, ValueError):
        return Violation("a media whose payload is not base64 (31951)")
    if not audio:
        return Violation("a media without audio")
    if audio.startswith(_FILE_HEADERS):
        return Violation("a media whose payload begins with a file header")
    return ServerMedia(audio)


def _read_mark(mark: object) -> ServerMessage:
    if not isinstance(mark, dict) or set(mark) != {"name"}:
        return Violation("a mark that does not hold exactly a name (31951)")
    if not isinstance(mark["name"], str) or not mark["name"]:
        return Violation("a mark whose name is not text (31951)")
    return ServerMark(mark["name"])
