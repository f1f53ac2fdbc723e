"""A WhatsApp message to the caller, whatever Twilio's REST API answers."""

import json
from collections.abc import AsyncIterator

import pytest

from calls import metrics
from calls import whatsapp as whatsapp_module
from calls.session_tools import SessionTools
from calls.whatsapp import send_whatsapp
from catalog.tools.context import ToolError
from tests.calls.fake_twilio_rest import (
    Answer,
    FakeTwilioRest,
    breaks_off,
    says,
    says_nothing,
)
from tests.calls.samples import ACCOUNT_SID, AGENT, AUTH_TOKEN

CALLER = "+351911222333"
SENDER = "+14155238886"
TEMPLATE = "HX" + "0" * 32
QUEUED = says(201, json.dumps({"sid": "SM1", "status": "queued", "error_code": None}))
FAILED = says(201, json.dumps({"sid": "SM1", "status": "failed", "error_code": 63016}))
NO_WHATSAPP = says(400, json.dumps({"code": 63003, "message": "Not found", "status": 400}))
BROKEN = says(500, json.dumps({"code": 20500, "message": "Internal error", "status": 500}))
GARBAGE = says(200, "<html>Welcome</html>", "text/html")


@pytest.fixture
async def twilio(settings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FakeTwilioRest]:
    twilio = FakeTwilioRest()
    await twilio.start()
    settings.TWILIO_API_BASE_URL = twilio.url
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = ACCOUNT_SID, AUTH_TOKEN
    settings.TWILIO_WHATSAPP_FROM, settings.TWILIO_WHATSAPP_CONTENT_SID = SENDER, ""
    monkeypatch.setattr(whatsapp_module, "TIMEOUT_SECONDS", 0.5)
    yield twilio
    await twilio.stop()


def twilio_errors() -> float:
    labels = {"provider": "twilio"}
    return metrics.registry.get_sample_value("provider_errors_total", labels) or 0.0


@pytest.mark.parametrize("sender", [SENDER, f"whatsapp:{SENDER}"])
async def test_it_is_sent_to_the_callers_number(twilio: FakeTwilioRest, settings, sender) -> None:
    settings.TWILIO_WHATSAPP_FROM = sender
    twilio.answers = [QUEUED]
    await send_whatsapp(CALLER, "Tuesday at 15:00.\nSee you!")
    (asked,) = twilio.asked
    assert asked.path == f"/2010-04-01/Accounts/{ACCOUNT_SID}/Messages.json"
    assert asked.form == {
        "To": f"whatsapp:{CALLER}",
        "From": f"whatsapp:{SENDER}",
        "Body": "Tuesday at 15:00.\nSee you!",
    }


async def test_it_fills_the_template_where_one_is_set(twilio: FakeTwilioRest, settings) -> None:
    settings.TWILIO_WHATSAPP_CONTENT_SID = TEMPLATE
    twilio.answers = [QUEUED]
    await send_whatsapp(CALLER, "Terça-feira às 15:00.\nAté lá!")
    form = twilio.asked[0].form
    assert form["ContentSid"] == TEMPLATE and "Body" not in form
    assert json.loads(form["ContentVariables"]) == {"1": "Terça-feira às 15:00. Até lá!"}


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (NO_WHATSAPP, "cannot reach your number"),
        (FAILED, "could not send"),
        (BROKEN, "could not send"),
        (GARBAGE, "cannot tell whether"),
        (breaks_off, "cannot tell whether"),
        (says_nothing, "cannot tell whether"),
    ],
)
async def test_the_caller_is_told_and_nothing_is_sent_twice(
    twilio: FakeTwilioRest, caplog: pytest.LogCaptureFixture, answer: Answer, sentence: str
) -> None:
    twilio.answers = [answer]
    before = twilio_errors()
    with pytest.raises(ToolError, match=sentence):
        await send_whatsapp(CALLER, "See you!")
    assert len(twilio.asked) == 1
    assert twilio_errors() == before + 1
    assert not any(secret in caplog.text for secret in (AUTH_TOKEN, CALLER, "See you!"))


@pytest.mark.parametrize(
    "missing", ["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_WHATSAPP_FROM"]
)
async def test_it_asks_nobody_when_it_is_not_set_up(
    twilio: FakeTwilioRest, settings, missing: str
) -> None:
    setattr(settings, missing, "")
    with pytest.raises(ToolError, match="at the moment"):
        await send_whatsapp(CALLER, "See you!")
    assert twilio.asked == []


async def test_a_call_writes_to_its_own_caller(twilio: FakeTwilioRest) -> None:
    twilio.answers = [QUEUED]
    await SessionTools(AGENT, CALLER).send_whatsapp("See you!")
    assert twilio.asked[0].form["To"] == f"whatsapp:{CALLER}"


async def test_a_call_from_a_withheld_number_writes_to_nobody(
    twilio: FakeTwilioRest,
) -> None:
    with pytest.raises(ToolError, match="withheld"):
        await SessionTools(AGENT, None).send_whatsapp("See you!")
    assert twilio.asked == []
