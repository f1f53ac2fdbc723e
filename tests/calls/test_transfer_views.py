"""What Twilio is told of a call that was handed over."""

from xml.etree import ElementTree

import pytest
from pytest_django.fixtures import Settings

from calls import twiml
from calls.happenings import Milestone
from calls.shared_store import shared_store
from tests.calls.conftest import PostedHappenings
from tests.calls.fake_twilio import INCOMING, FakeTwilio, verbs
from tests.calls.samples import CALL_SID, OTHER_CALL_SID

WHISPER = twiml.say("Silver Birch Dental. Maria.", "en")
DIAL = twiml.dial(twiml.DialAnswer("+351200000021", "https://voice.example.org/transfer-ended"))
LEG = {**INCOMING, "CallSid": OTHER_CALL_SID, "ParentCallSid": CALL_SID, "To": "+351200000021"}


async def test_who_picks_up_hears_the_whisper_once(
    twilio: FakeTwilio, posted: PostedHappenings
) -> None:
    await shared_store().put("whisper:the-key", WHISPER, 10.0)
    first = await twilio.post("/transfer-whisper?key=the-key", LEG)
    assert verbs(first) == [("Say", {"language": "en-US", "voice": "Polly.Joanna"})]
    assert verbs(await twilio.post("/transfer-whisper?key=the-key", LEG)) == []


@pytest.mark.parametrize("query", ["", "?key=", "?key=another", "?key=a&key=b", "?key=%00%ff"])
async def test_who_picks_up_is_connected_at_once_without_a_whisper(
    twilio: FakeTwilio, posted: PostedHappenings, query: str
) -> None:
    assert verbs(await twilio.post(f"/transfer-whisper{query}", LEG)) == []


async def test_nobody_else_hears_the_whisper(twilio: FakeTwilio, posted: PostedHappenings) -> None:
    await shared_store().put("whisper:the-key", WHISPER, 10.0)
    refused = await twilio.post("/transfer-whisper?key=the-key", LEG, signed=False)
    assert refused.status_code == 403
    # A signature of the same form without the key in the URL.
    signature = {"X-Twilio-Signature": twilio.signature("/transfer-whisper", LEG)}
    body = b"&".join(f"{name}={value}".encode() for name, value in LEG.items())
    refused = await twilio.request("POST", "/transfer-whisper?key=the-key", body, signature)
    assert refused.status_code == 403
    assert verbs(await twilio.post("/transfer-whisper?key=the-key", LEG))[0][0] == "Say"


async def test_it_hangs_up_when_the_colleague_has(
    twilio: FakeTwilio, posted: PostedHappenings
) -> None:
    fields = {**INCOMING, "DialCallStatus": "completed", "DialBridged": "true"}
    assert verbs(await twilio.post("/transfer-ended?language=en", fields)) == [("Hangup", {})]
    assert posted.happenings == []


@pytest.mark.parametrize(
    ("fields", "detail"),
    [
        ({"DialCallStatus": "busy"}, "busy"),
        ({"DialCallStatus": "no-answer"}, "no-answer"),
        ({"DialCallStatus": "failed"}, "failed"),
        ({"DialCallStatus": "canceled"}, "canceled"),
        ({"DialCallStatus": "completed", "DialBridged": "false"}, ""),
        ({"DialCallStatus": "nonsense " * 99}, ""),
        ({}, ""),
    ],
)
async def test_the_caller_is_told_when_nobody_took_the_call(
    twilio: FakeTwilio, posted: PostedHappenings, fields: dict[str, str], detail: str
) -> None:
    response = await twilio.post("/transfer-ended?language=en", {**INCOMING, **fields})
    assert [name for name, _attributes in verbs(response)] == ["Say", "Hangup"]
    assert "nobody can take your call" in (ElementTree.fromstring(response.text)[0].text or "")
    assert posted.happenings == [Milestone(CALL_SID, "transfer not answered", detail=detail)]


@pytest.mark.parametrize(
    ("language", "spoken"),
    [
        ("pt-BR", "pt-BR"),
        ("pt", "pt-PT"),
        ("en-GB", "en-GB"),
        ("fr", "en-US"),  # There is no such sentence: English, in an English voice.
        ("", "en-US"),
        ("%00", "en-US"),
        ("x" * 600, "en-US"),
    ],
)
async def test_it_speaks_the_language_of_the_agent(
    twilio: FakeTwilio, posted: PostedHappenings, language: str, spoken: str
) -> None:
    response = await twilio.post(f"/transfer-ended?language={language}", INCOMING)
    assert verbs(response)[0][1]["language"] == spoken


async def test_a_transfer_that_twilio_could_not_be_told_of_is_dialled_when_it_asks(
    twilio: FakeTwilio, posted: PostedHappenings, settings: Settings
) -> None:
    await shared_store().put(f"next:{CALL_SID}", DIAL, 10.0)
    other = {**INCOMING, "CallSid": OTHER_CALL_SID}
    assert verbs(await twilio.post("/stream-ended", other))[0][0] == "Play", "an apology"
    assert verbs(await twilio.post("/stream-ended", INCOMING))[0][0] == "Dial"
    assert verbs(await twilio.post("/stream-ended", INCOMING))[0][0] == "Dial", "it asks twice"
    over = {**INCOMING, "CallStatus": "completed"}
    assert verbs(await twilio.post("/stream-ended", over)) == [("Hangup", {})]
    await shared_store().take(f"next:{CALL_SID}")
