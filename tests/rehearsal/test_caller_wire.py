"""What the simulated caller reads and writes: TwiML, stream messages, addresses, signatures."""

import json

import pytest
from twilio.request_validator import RequestValidator
from twilio.twiml.voice_response import Connect, VoiceResponse

from rehearsal.caller import CallFailed, CallIdentity, MessageWriter, Target
from rehearsal.caller.server_messages import (
    ServerClear,
    ServerMark,
    ServerMedia,
    Violation,
    read_server_message,
)
from rehearsal.caller.stream_messages import frames, payload
from rehearsal.caller.twiml import PlainVerb, StreamVerb, UnknownVerb, read_twiml
from rehearsal.caller.webhooks import ended_form, signature

SID = "MZ" + "1" * 32
TARGET = Target("http://127.0.0.1:8000", "https://voice.example.org", None, "AC1", "token")


def test_it_reads_the_twiml_of_twilios_own_library():
    connect = Connect(action="https://voice.example.org/ended", method="POST")
    stream = connect.stream(url="wss://voice.example.org/media", status_callback="https://s.org/s")
    stream.parameter(name="token", value='a"<&')
    response = VoiceResponse()
    response.append(connect)
    response.say("Goodbye")
    assert read_twiml(str(response)) == (
        StreamVerb(
            url="wss://voice.example.org/media",
            action_url="https://voice.example.org/ended",
            status_callback_url="https://s.org/s",
            name="",
            parameters=(("token", 'a"<&'),),
        ),
        PlainVerb("Say", "Goodbye"),
    )


@pytest.mark.parametrize(
    "document",
    [
        "",
        "hello",
        "<Answer/>",
        "<Response><Connect/></Response>",
        '<Response><Connect><Stream url="https://h/p"/></Connect></Response>',
        '<Response><Connect><Stream url="wss://h/p?token=1"/></Connect></Response>',
        '<Response><Connect><Stream url="wss://h/p" speed="2"/></Connect></Response>',
        '<Response><Connect method="GET"><Stream url="wss://h/p"/></Connect></Response>',
        '<Response><Connect><Stream url="wss://h/p" track="both_tracks"/></Connect></Response>',
        '<Response><Connect><Stream url="wss://h/p"><Parameter name="a"/></Stream></Connect>'
        "</Response>",
        '<Response><Connect><Stream url="wss://h/p"><Parameter name="a" value="'
        + "x" * 499
        + '"/></Stream></Connect></Response>',
        '<!DOCTYPE r [<!ENTITY a "b">]><Response>&a;</Response>',
    ],
)
def test_it_refuses_twiml_that_twilio_would_refuse(document):
    with pytest.raises(CallFailed):
        read_twiml(document)


def test_it_reads_past_a_verb_that_nobody_knows():
    assert read_twiml("<Response><Dance/><Hangup/></Response>") == (
        UnknownVerb("Dance"),
        PlainVerb("Hangup"),
    )


def server_says(**message):
    return read_server_message(json.dumps(message), SID)


def test_it_reads_the_three_messages_of_a_server():
    assert server_says(event="clear", streamSid=SID) == ServerClear()
    assert server_says(event="mark", streamSid=SID, mark={"name": "a"}) == ServerMark("a")
    media = {"payload": payload(b"\x01\x02")}
    assert server_says(event="media", streamSid=SID, media=media) == ServerMedia(b"\x01\x02")


@pytest.mark.parametrize(
    "frame",
    [
        b"{}",
        "",
        "[]",
        "5",
        "null",
        "[" * 100_000,
        json.dumps({"event": ["clear"], "streamSid": SID}),
        json.dumps({"event": "stop", "streamSid": SID}),
        json.dumps({"event": "clear"}),
        json.dumps({"event": "clear", "streamSid": SID, "extra": 1}),
        json.dumps({"event": "clear", "streamSid": SID[:-1]}),
        json.dumps({"event": "mark", "streamSid": SID, "mark": None}),
        json.dumps({"event": "mark", "streamSid": SID, "mark": {"name": 5}}),
        json.dumps({"event": "mark", "streamSid": SID, "mark": {"name": "a", "x": 1}}),
        json.dumps({"event": "media", "streamSid": SID, "media": {"payload": "%%"}}),
        json.dumps({"event": "media", "streamSid": SID, "media": {"payload": 5}}),
        json.dumps({"event": "media", "streamSid": SID, "media": {"payload": ""}}),
        json.dumps({"event": "media", "streamSid": SID, "media": {"payload": "AA==", "track": 1}}),
        json.dumps(
            {"event": "media", "streamSid": SID, "media": {"payload": payload(b"RIFF....")}}
        ),
    ],
)
def test_it_names_every_breach_of_the_schema(frame):
    assert isinstance(read_server_message(frame, SID), Violation)


def test_its_messages_are_json_with_numbers_as_strings():
    writer = MessageWriter(CallIdentity("+351200000001", "+351200000000", "AC1"), SID)
    messages = [
        json.loads(text)
        for text in (
            writer.start({"token": "t"}),
            writer.media("AAAA"),
            writer.mark("a"),
            writer.dtmf("1"),
            writer.stop(),
        )
    ]
    assert [m["sequenceNumber"] for m in messages] == ["1", "2", "3", "4", "5"]
    assert {m["streamSid"] for m in messages} == {SID}
    assert messages[1]["media"] == {
        "track": "inbound",
        "chunk": "1",
        "timestamp": "0",
        "payload": "AAAA",
    }
    assert messages[3]["dtmf"] == {"track": "inbound_track", "digit": "1"}


def test_it_cuts_audio_into_whole_frames():
    assert frames(b"\x01" * 161) == (payload(b"\x01" * 160), payload(b"\x01" + b"\xff" * 159))
    assert frames(b"") == ()


@pytest.mark.parametrize(
    ("public", "reached"),
    [
        ("https://voice.example.org/incoming-call", "http://127.0.0.1:8000/incoming-call"),
        ("wss://VOICE.example.org/media", "ws://127.0.0.1:8000/media"),
        ("https://elsewhere.example.org/x", "https://elsewhere.example.org/x"),
    ],
)
def test_it_reaches_the_public_address_where_the_server_really_is(public, reached):
    assert TARGET.reachable(public) == reached


def test_twilios_validator_accepts_its_signatures():
    validator = RequestValidator("token")
    form = {"CallSid": "CA1", "From": "+351200000001"}
    url = TARGET.public_url("/incoming-call")
    assert validator.validate(url, form, signature(TARGET, url, form))
    socket_url = "wss://voice.example.org/media-stream"
    assert validator.validate(socket_url, {}, signature(TARGET, socket_url, {}))
    assert not validator.validate(url, form | {"From": "x"}, signature(TARGET, url, form))


def test_each_call_has_a_sid_of_its_own_that_looks_like_twilios():
    sids = {CallIdentity("a", "b", "AC1").call_sid for _ in range(100)}
    assert len(sids) == 100
    assert all(len(sid) == 34 and sid.startswith("CA") for sid in sids)


@pytest.mark.parametrize(("seconds", "duration", "minutes"), [(0.2, "0", "1"), (60.6, "61", "2")])
def test_a_call_that_ended_tells_its_length(seconds, duration, minutes):
    form = ended_form(CallIdentity("a", "b", "AC1"), seconds)
    assert (form["CallDuration"], form["Duration"]) == (duration, minutes)
    assert form["CallStatus"] == "completed"
