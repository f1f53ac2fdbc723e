"""Messages that Twilio never sends, by name. Pure.

None of them is a reason to end a call: a server counts them and goes on. What breaks the WebSocket
protocol itself, or is too long, stands in misbehaviours.py.
"""

import json
from collections.abc import Mapping

DEPTH = 2_000
_FOREIGN = "MZ" + "0" * 32
_SOUND = {"track": "inbound", "chunk": "1", "timestamp": "0", "payload": "/////w=="}


def hostile_messages(stream_sid: str) -> Mapping[str, str]:
    """Each as the text of one frame on the stream of that SID."""
    return {**_NO_JSON, **_OTHER_JSON, **_of_the_stream(stream_sid)}


_NO_JSON = {
    "empty": "",
    "blank": " \t\r\n",
    "word": "nonsense",
    "brace": "{",
    "half-a-message": '{"event":"media","media":{"payload":"////',
    "two-messages": '{"event":"x"}{"event":"x"}',
    "single-quotes": "{'event':'media'}",
    "byte-order-mark": '\ufeff{"event":"x"}',
    "nul": '{"event":"media\x00"}',
    "brackets": "[" * DEPTH,
    "html": "<!DOCTYPE html><h1>502 Bad Gateway</h1>",
}
_OTHER_JSON = {
    "null": "null",
    "true": "true",
    "number": "5",
    "huge-number": "1e999",
    "not-a-number": "NaN",
    "long-number": "9" * 5_000,
    "string": '"media"',
    "list": "[]",
    "list-of-messages": '[{"event":"stop"}]',
    "no-event": "{}",
    "null-event": '{"event":null}',
    "number-event": '{"event":5}',
    "list-event": '{"event":["media"]}',
    "object-event": '{"event":{"event":"media"}}',
    "unknown-event": '{"event":"explode"}',
    "capital-event": '{"event":"MEDIA"}',
    "surrogate-event": '{"event":"\\ud800"}',
    "nested": '{"event":' * DEPTH + "null" + "}" * DEPTH,
    "prototype": '{"__proto__":{"event":"stop"},"constructor":null}',
    "connected-again": '{"event":"connected","protocol":"Call","version":"1.0.0"}',
}


def _of_the_stream(sid: str) -> dict[str, str]:
    return {**_bad_media(sid), **_bad_sids(sid), **_bad_others(sid)}


def _message(sid: object, event: str, body: object, **changes: object) -> str:
    return json.dumps({"event": event, "streamSid": sid, event: body, **changes})


def _bad_media(sid: str) -> dict[str, str]:
    def with_payload(payload: object) -> str:
        return _message(sid, "media", {**_SOUND, "payload": payload})

    return {
        "media-null": _message(sid, "media", None),
        "media-list": _message(sid, "media", []),
        "media-string": _message(sid, "media", "sound"),
        "media-missing": json.dumps({"event": "media", "streamSid": sid}),
        "payload-missing": _message(sid, "media", {"track": "inbound"}),
        "payload-null": with_payload(None),
        "payload-number": with_payload(5),
        "payload-list": with_payload([1, 2]),
        "payload-no-base64": with_payload("%%%%"),
        "payload-bad-padding": with_payload("AAA"),
        "payload-url-base64": with_payload("_-_-"),
        "payload-letters": with_payload("ação"),
        "payload-empty": with_payload(""),
        "track-outbound": _message(sid, "media", {**_SOUND, "track": "outbound"}),
        "track-number": _message(sid, "media", {**_SOUND, "track": 7}),
        "numbers-wrong": _message(sid, "media", {**_SOUND, "chunk": {}}, sequenceNumber=-1),
    }


def _bad_sids(sid: str) -> dict[str, str]:
    return {
        "sid-missing": json.dumps({"event": "media", "media": _SOUND}),
        "sid-null": _message(None, "media", _SOUND),
        "sid-number": _message(17, "media", _SOUND),
        "sid-foreign": _message(_FOREIGN, "media", _SOUND),
        "sid-long": _message(sid * 1_000, "media", _SOUND),
        "stop-foreign": _message(_FOREIGN, "stop", {}),
        "stop-null-sid": _message(None, "stop", {}),
    }


def _bad_others(sid: str) -> dict[str, str]:
    return {
        "mark-null": _message(sid, "mark", None),
        "mark-number": _message(sid, "mark", {"name": 7}),
        "mark-unknown": _message(sid, "mark", {"name": "never sent"}),
        "mark-long": _message(sid, "mark", {"name": "x" * 20_000}),
        "dtmf-null": _message(sid, "dtmf", None),
        "dtmf-number": _message(sid, "dtmf", {"digit": 5}),
        "dtmf-word": _message(sid, "dtmf", {"digit": "five hundred"}),
        "start-again": _message(sid, "start", {"callSid": "CA", "streamSid": sid}),
        "start-null": _message(sid, "start", None),
    }
