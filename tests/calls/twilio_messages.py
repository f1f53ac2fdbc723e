"""Every message of a media stream, as Twilio documents it."""

import base64

from tests.calls.samples import ACCOUNT_SID, CALL_SID, STREAM_SID

AUDIO = bytes(range(160))

CONNECTED = {"event": "connected", "protocol": "Call", "version": "1.0.0"}
START = {
    "event": "start",
    "sequenceNumber": "1",
    "start": {
        "accountSid": ACCOUNT_SID,
        "streamSid": STREAM_SID,
        "callSid": CALL_SID,
        "tracks": ["inbound"],
        "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
        "customParameters": {"token": "secret", "FirstName": "Jane"},
    },
    "streamSid": STREAM_SID,
}
MEDIA = {
    "event": "media",
    "sequenceNumber": "4",
    "media": {
        "track": "inbound",
        "chunk": "2",
        "timestamp": "25",
        "payload": base64.b64encode(AUDIO).decode(),
    },
    "streamSid": STREAM_SID,
}
DTMF = {
    "event": "dtmf",
    "streamSid": STREAM_SID,
    "sequenceNumber": "5",
    "dtmf": {"track": "inbound_track", "digit": "1"},
}
MARK = {
    "event": "mark",
    "sequenceNumber": "6",
    "streamSid": STREAM_SID,
    "mark": {"name": "greet-end"},
}
STOP = {
    "event": "stop",
    "sequenceNumber": "7",
    "stop": {"accountSid": ACCOUNT_SID, "callSid": CALL_SID},
    "streamSid": STREAM_SID,
}
REAL_MESSAGES = (CONNECTED, START, MEDIA, DTMF, MARK, STOP)
