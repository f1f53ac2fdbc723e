"""Twilio's REST API in a thread, and a call that its caller may be asked about."""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone

from calls.models import Call, Survey
from catalog.models import Agent, Prompt
from catalog.surveys import SurveyBy
from tests.calls.fake_twilio_rest import FakeTwilioRest, says
from tests.calls.records import make_call
from tests.whole_call.rig import LoopThread

SENDER = "+14155238886"
QUEUED = says(201, json.dumps({"sid": "SM1", "status": "queued", "error_code": None}))
BROKEN = says(500, json.dumps({"code": 20500, "message": "Internal error", "status": 500}))
NO_WHATSAPP = says(400, json.dumps({"code": 63003, "message": "Not found", "status": 400}))


@dataclass
class Desk:
    """One agent that asks by WhatsApp."""

    twilio: FakeTwilioRest
    thread: LoopThread
    calls: int = 0

    def __post_init__(self) -> None:
        prompt = Prompt.objects.create(name="Survey desk")
        self.agent = Agent.objects.create(
            name="Survey desk",
            business_name="Silver Birch",
            prompt=prompt,
            survey=SurveyBy.WHATSAPP,
        )

    def call(self, **changes: Any) -> Call:
        """It is over since a minute."""
        self.calls += 1
        call = make_call(
            self.calls,
            **{
                "agent_key": self.agent.pk,
                "ended_at": timezone.now() - timedelta(seconds=60),
                "started_at": timezone.now() - timedelta(seconds=143),
                **changes,
            },
        )
        Survey.objects.filter(call=call).delete()
        return call

    def sent(self) -> list[str]:
        return [asked.form["Body"] for asked in self.twilio.asked]


def survey_of(call: Call) -> Survey | None:
    return Survey.objects.filter(call=call).first()
