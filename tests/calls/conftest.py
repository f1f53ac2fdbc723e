"""A process in service without its database, and Twilio at its door."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from calls import (
    adoption,
    busy_views,
    caller_context,
    customer_in_prompt,
    line,
    session,
    stream_answer,
    transcript,
    transfer_views,
    views,
    warmup,
)
from calls import call_log as call_log_module
from calls import tickets as tickets_module
from calls.happenings import Happening
from calls.tickets import Tickets
from calls.warmup import Report
from catalog import warmup as catalog_warmup
from customers.records import CustomerRecord
from tests.calls.between import Between
from tests.calls.fake_twilio import FakeTwilio
from tests.calls.samples import AUTH_TOKEN, CUSTOMER, catalog
from voiceagent.asgi import application


@dataclass
class PostedHappenings:
    """Stands in for the call log: keeps what was posted, and writes nothing."""

    happenings: list[Happening] = field(default_factory=list)

    def post(self, happening: Happening) -> None:
        self.happenings.append(happening)

    def of_type(self, kind: type[Happening]) -> list[Happening]:
        return [happening for happening in self.happenings if isinstance(happening, kind)]


class KnownCustomers:
    """A directory in which every caller is the same customer."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def find_by_phone(self, number: str) -> CustomerRecord | None:
        self.asked.append(number)
        return CUSTOMER


@pytest.fixture
def posted(monkeypatch: pytest.MonkeyPatch) -> PostedHappenings:
    posted = PostedHappenings()
    for module in (
        adoption,
        busy_views,
        customer_in_prompt,
        line,
        session,
        transcript,
        transfer_views,
        views,
    ):
        assert module.call_log is call_log_module.call_log
        monkeypatch.setattr(module, "call_log", posted)
    return posted


@pytest.fixture
def directory(monkeypatch: pytest.MonkeyPatch) -> KnownCustomers:
    directory = KnownCustomers()
    monkeypatch.setattr(caller_context, "get_directory", lambda: directory)
    return directory


@pytest.fixture
def between(monkeypatch: pytest.MonkeyPatch) -> Between:
    """As if there were other processes."""
    between = Between()
    for module in (tickets_module, caller_context):
        monkeypatch.setattr(module, "shared_store", between)
        monkeypatch.setattr(module, "is_shared", lambda: True)
    return between


@pytest.fixture
def tickets(monkeypatch: pytest.MonkeyPatch) -> Tickets:
    """Those of this test alone."""
    tickets = Tickets()
    for module in (views, stream_answer):
        monkeypatch.setattr(module, "tickets", tickets)
    return tickets


@pytest.fixture
async def twilio(
    settings,
    monkeypatch: pytest.MonkeyPatch,
    directory: KnownCustomers,
    tickets: Tickets,
) -> AsyncIterator[FakeTwilio]:
    """Twilio at the door of a process that is warm and in service."""
    settings.PUBLIC_BASE_URL = "https://voice.example.org"
    settings.TWILIO_WS_PATH = "/media-stream"
    settings.TWILIO_AUTH_TOKEN = AUTH_TOKEN
    settings.TWILIO_VALIDATE_SIGNATURES = True
    settings.MAX_CONCURRENT_CALLS = 2
    monkeypatch.setattr(warmup, "report", lambda: Report(True, ()))
    monkeypatch.setattr(catalog_warmup, "is_warm", lambda: True)
    monkeypatch.setattr(catalog_warmup, "current", catalog)
    twilio = FakeTwilio(application)
    yield twilio
    await twilio.close()
