"""A desk that asks its callers by WhatsApp."""

from collections.abc import Iterator
from typing import Any

import pytest

from calls import whatsapp
from calls.call_log import call_log
from calls.happenings import Happening, Milestone
from tests.calls.fake_twilio_rest import FakeTwilioRest
from tests.calls.samples import ACCOUNT_SID, AUTH_TOKEN
from tests.calls.survey.whatsapp_desk import QUEUED, SENDER, Desk
from tests.whole_call.rig import LoopThread


@pytest.fixture
def desk(db: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    thread, twilio = LoopThread("twilio"), FakeTwilioRest([QUEUED])
    thread.run(twilio.start())
    settings.TWILIO_API_BASE_URL = twilio.url
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = ACCOUNT_SID, AUTH_TOKEN
    settings.TWILIO_WHATSAPP_FROM, settings.TWILIO_WHATSAPP_CONTENT_SID = SENDER, ""
    monkeypatch.setattr(whatsapp, "TIMEOUT_SECONDS", 0.5)
    yield Desk(twilio, thread)
    assert call_log.flush(10.0), "what is noted of these calls must not reach the next test's"
    thread.run(twilio.stop())
    thread.stop()


@pytest.fixture
def posted_events(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of what is noted about the calls, in place of their rows."""
    names: list[str] = []

    def note(happening: Happening) -> None:
        assert isinstance(happening, Milestone)
        names.append(happening.name)

    monkeypatch.setattr(call_log, "post", note)
    return names
