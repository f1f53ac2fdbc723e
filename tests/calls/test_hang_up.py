"""Ending a call at Twilio, whatever its REST API answers."""

import asyncio
import base64
import json
import logging
import os
import subprocess
import sys
from collections.abc import AsyncIterator

import pytest
from django.conf import settings as product

from calls import hang_up as hang_up_module
from calls import metrics
from calls.hang_up import hang_up, update_call
from tests.calls.fake_twilio_rest import (
    Answer,
    FakeTwilioRest,
    breaks_off,
    says,
    says_nothing,
)
from tests.calls.samples import ACCOUNT_SID, AUTH_TOKEN, CALL_SID

DONE = says(200, json.dumps({"sid": CALL_SID, "status": "completed"}))
OVER_ALREADY = says(
    404, json.dumps({"code": 20404, "message": "Call is not in-progress", "status": 404})
)
NOT_IN_PROGRESS = says(
    400, json.dumps({"code": 20404, "message": "Call is not in-progress", "status": 400})
)
NOT_TO_BE_REDIRECTED = says(
    400, json.dumps({"code": 21220, "message": "Call is not in-progress.", "status": 400})
)
OVER_IN_NEWER_WORDS = says(
    404,
    json.dumps({"type": "about:blank", "title": "Not found", "status": 404, "code": 20404}),
)
BROKEN = says(500, json.dumps({"code": 20500, "message": "Internal error", "status": 500}))
BUSY = says(429, json.dumps({"code": 20429, "message": "Too many requests", "status": 429}))
REFUSED = says(401, json.dumps({"code": 20003, "message": "Authenticate", "status": 401}))
GATEWAY = says(502, "<html>Bad gateway</html>", "text/html")
GARBAGE = says(200, "<html>Welcome</html>", "text/html")


@pytest.fixture
async def twilio(settings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FakeTwilioRest]:
    twilio = FakeTwilioRest()
    await twilio.start()
    settings.TWILIO_API_BASE_URL = twilio.url
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = ACCOUNT_SID, AUTH_TOKEN
    monkeypatch.setattr(hang_up_module, "TIMEOUT_SECONDS", 2.0)
    yield twilio
    await twilio.stop()


def twilio_errors() -> float:
    labels = {"provider": "twilio"}
    return metrics.registry.get_sample_value("provider_errors_total", labels) or 0.0


async def test_it_tells_twilio_to_complete_the_call(twilio: FakeTwilioRest) -> None:
    twilio.answers = [DONE]
    assert await hang_up(CALL_SID) is True
    (asked,) = twilio.asked
    assert (asked.method, asked.form) == ("POST", {"Status": "completed"})
    assert asked.path == f"/2010-04-01/Accounts/{ACCOUNT_SID}/Calls/{CALL_SID}.json"
    credentials = base64.b64encode(f"{ACCOUNT_SID}:{AUTH_TOKEN}".encode()).decode()
    assert asked.authorization == f"Basic {credentials}"


async def test_it_changes_a_live_call_in_other_ways_too(twilio: FakeTwilioRest) -> None:
    twilio.answers = [DONE]
    assert await update_call(CALL_SID, {"twiml": "<Response><Hangup/></Response>"}) is True
    assert twilio.asked[0].form == {"Twiml": "<Response><Hangup/></Response>"}


@pytest.mark.parametrize(
    "answer", [OVER_ALREADY, NOT_IN_PROGRESS, NOT_TO_BE_REDIRECTED, OVER_IN_NEWER_WORDS]
)
async def test_it_is_content_when_the_caller_was_quicker(
    twilio: FakeTwilioRest, caplog: pytest.LogCaptureFixture, answer: Answer
) -> None:
    twilio.answers = [answer]
    before = twilio_errors()
    assert await hang_up(CALL_SID) is True
    assert len(twilio.asked) == 1
    assert twilio_errors() == before
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


@pytest.mark.parametrize("trouble", [BROKEN, BUSY, GATEWAY, GARBAGE, breaks_off])
async def test_it_tries_once_more(twilio: FakeTwilioRest, trouble: Answer) -> None:
    twilio.answers = [trouble, DONE]
    before = twilio_errors()
    assert await hang_up(CALL_SID) is True
    assert len(twilio.asked) == 2
    assert twilio_errors() == before + 1


@pytest.mark.parametrize("trouble", [BROKEN, BUSY, REFUSED, GATEWAY, GARBAGE, breaks_off])
async def test_it_gives_up_after_the_second_time_and_says_so(
    twilio: FakeTwilioRest, caplog: pytest.LogCaptureFixture, trouble: Answer
) -> None:
    twilio.answers = [trouble]
    assert await hang_up(CALL_SID) is False
    assert len(twilio.asked) == 2
    assert AUTH_TOKEN not in caplog.text


async def test_it_does_not_wait_for_an_answer_that_never_comes(
    twilio: FakeTwilioRest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hang_up_module, "TIMEOUT_SECONDS", 0.2)
    twilio.answers = [says_nothing]
    async with asyncio.timeout(2.0):
        assert await hang_up(CALL_SID) is False


async def test_it_gives_up_when_nobody_listens(twilio: FakeTwilioRest, settings) -> None:
    settings.TWILIO_API_BASE_URL = "http://127.0.0.1:1"
    assert await hang_up(CALL_SID) is False


@pytest.mark.parametrize("missing", ["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"])
async def test_it_asks_nobody_without_credentials(
    twilio: FakeTwilioRest, settings, missing: str
) -> None:
    setattr(settings, missing, "")
    assert await hang_up(CALL_SID) is False
    assert twilio.asked == []


def test_it_imports_nothing_more_when_the_first_call_is_hung_up() -> None:
    """It once did, on the event loop: 600-800 ms in which every other call heard nothing."""
    program = (
        "import sys, django; django.setup(); "
        "import calls.hang_up; from calls.twilio_rest import Client; "
        "before = set(sys.modules); client = Client('AC0', 'token'); "
        "client.calls('CA0'); client.messages; "
        "print(*sorted(set(sys.modules) - before))"
    )
    finished = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "voiceagent.settings", "SERVES_CALLS": ""},
        cwd=product.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert finished.stdout.split() == []
