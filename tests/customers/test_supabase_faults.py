"""Supabase fails in every way it can, through its own client; the call goes on, not knowing who."""

import asyncio
import json
import time
from collections.abc import Awaitable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web

from calls import metrics
from calls.caller_context import Prefetch
from customers import supabase_requests
from customers.directory import CustomerDirectory, DirectoryError
from customers.supabase import SupabaseDirectory
from tests.customers.served import served
from tests.customers.supabase_faults import (
    APPOINTMENT,
    FAULTS,
    NAME,
    ODD,
    ODD_APPOINTMENTS,
    PHONE,
    Answer,
    drop,
    hang,
    says,
)

TEN = datetime(2031, 12, 1, 10, 0, tzinfo=UTC)


class Line:
    """What every request is answered with at this moment."""

    def __init__(self) -> None:
        self.answer: Answer = says("[]")

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        return await self.answer(request)


@pytest.fixture(scope="module")
def address_and_line() -> Iterator[tuple[str, Line]]:
    line = Line()
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", line.__call__)
    with served(application) as server:
        yield server.url, line


@pytest.fixture
def line(address_and_line: tuple[str, Line], monkeypatch: pytest.MonkeyPatch) -> Line:
    monkeypatch.setattr(supabase_requests, "TIMEOUT_SECONDS", 0.4)
    return address_and_line[1]


@pytest.fixture
def directory(address_and_line: tuple[str, Line]) -> SupabaseDirectory:
    return SupabaseDirectory(address_and_line[0], "a-key")


def questions(directory: CustomerDirectory) -> list[Awaitable[object]]:
    later = TEN + timedelta(minutes=30)
    return [
        directory.find_by_phone(PHONE),
        directory.create_customer(PHONE, NAME, "pt"),
        directory.update_status(1, "vip"),
        directory.facts(1),
        directory.add_fact(1, "Prefers mornings."),
        directory.book(1, "main", TEN, later, ""),
        directory.appointments(1, TEN),
        directory.taken("main", TEN, later),
        directory.cancel(1, 1),
    ]


def directory_errors() -> float:
    labels = {"provider": "directory"}
    return metrics.registry.get_sample_value("provider_errors_total", labels) or 0.0


@pytest.mark.parametrize("fault", FAULTS)
async def test_every_question_ends_in_a_sentence_that_names_nobody(
    directory: SupabaseDirectory, line: Line, fault: str
) -> None:
    line.answer = FAULTS[fault]
    started_at = time.monotonic()
    answers = await asyncio.gather(*questions(directory), return_exceptions=True)
    assert time.monotonic() - started_at < 3.0
    for answer in answers:
        assert type(answer) is DirectoryError, answer
        assert "Supabase" in str(answer)
        assert PHONE not in str(answer) and "Ana" not in str(answer)
        # A traceback that is logged would quote what it was raised from.
        assert answer.__suppress_context__ and answer.__cause__ is None


@pytest.mark.parametrize("fault", FAULTS)
async def test_the_call_has_an_unknown_customer_and_the_fault_is_counted(
    address_and_line: tuple[str, Line],
    line: Line,
    settings,
    caplog: pytest.LogCaptureFixture,
    fault: str,
) -> None:
    settings.SUPABASE_URL, settings.SUPABASE_KEY = address_and_line[0], "a-key"
    settings.PREFETCH_TIMEOUT = 1.0
    line.answer = FAULTS[fault]
    before = directory_errors()
    assert await asyncio.wait_for(Prefetch(PHONE).customer(), 3.0) is None
    assert directory_errors() == before + 1.0
    assert PHONE not in caplog.text and "Ana" not in caplog.text


@pytest.mark.parametrize("oddity", ODD)
async def test_an_odd_customer_is_no_customer(
    directory: SupabaseDirectory, line: Line, oddity: str
) -> None:
    line.answer = says(json.dumps([ODD[oddity]]))
    with pytest.raises(DirectoryError, match=r"do not fit docs/supabase\.sql") as failed:
        await directory.find_by_phone(PHONE)
    assert "Ana" not in str(failed.value) and PHONE not in str(failed.value)


@pytest.mark.parametrize("oddity", ODD_APPOINTMENTS)
async def test_an_odd_appointment_is_not_told(
    directory: SupabaseDirectory, line: Line, oddity: str
) -> None:
    line.answer = says(json.dumps([APPOINTMENT, ODD_APPOINTMENTS[oddity]]))
    with pytest.raises(DirectoryError, match=r"do not fit docs/supabase\.sql"):
        await directory.appointments(1, TEN)


async def test_what_may_be_empty_and_what_is_more_is_no_fault(
    directory: SupabaseDirectory, line: Line
) -> None:
    async def by_table(request: web.Request) -> web.StreamResponse:
        rows: list[object] = []
        if request.path.endswith("/customers"):
            known = {"id": "a-uuid", "name": NAME, "phone": PHONE}
            rows = [{**known, "notes": None, "status": None, "more": 1}]
        return web.json_response(rows)

    line.answer = by_table
    found = await directory.find_by_phone(PHONE)
    assert found is not None
    assert (found.customer_id, found.name, found.notes, found.status) == ("a-uuid", NAME, "", "")


async def test_an_answer_about_somebody_else_is_not_believed(
    directory: SupabaseDirectory, line: Line
) -> None:
    async def by_table(request: web.Request) -> web.StreamResponse:
        rows: list[object] = []
        if request.path.endswith("/customers"):
            rows = [{"id": 2, "name": NAME, "phone": "+351200000099"}]
        if request.path.endswith("/customer_phones"):
            rows = [{"customer_id": 2, "number": "+351200000099"}]
        return web.json_response(rows)

    line.answer = by_table
    assert await directory.find_by_phone(PHONE) is None


async def test_a_write_of_which_nothing_comes_back_is_not_believed(
    directory: SupabaseDirectory, line: Line
) -> None:
    line.answer = says("[]")
    writes = (
        directory.create_customer(PHONE, NAME, "pt"),
        directory.add_fact(1, "Prefers mornings."),
        directory.book(1, "main", TEN, TEN + timedelta(minutes=30), ""),
    )
    for write in writes:
        with pytest.raises(DirectoryError, match="what it wrote"):
            await write


async def test_a_fault_that_is_over_is_forgotten(directory: SupabaseDirectory, line: Line) -> None:
    for fault in (drop, hang):
        line.answer = fault
        with pytest.raises(DirectoryError):
            await directory.facts(1)
        line.answer = says('[{"text": "Prefers mornings."}]')
        assert await directory.facts(1) == ("Prefers mornings.",)


async def test_nothing_listens_there(unused_tcp_port: int) -> None:
    directory = SupabaseDirectory(f"http://127.0.0.1:{unused_tcp_port}", "a-key")
    for question in questions(directory):
        with pytest.raises(DirectoryError, match="SUPABASE_URL"):
            await question


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("abc.supabase.co", "a-key"),
        ("http://", "a-key"),
        ("http://[", "a-key"),
        ("http://127.0.0.1:99999", "a-key"),
        ("http://127.0.0.1", ""),
        ("http://127.0.0.1", "“a-key”"),
        ("http://127.0.0.1", "a\nkey"),
        ("http://no such host", "a-key"),
    ],
)
async def test_settings_that_cannot_be_right_are_named(url: str, key: str) -> None:
    directory = SupabaseDirectory(url, key)
    with pytest.raises(DirectoryError, match="SUPABASE_URL"):
        await directory.facts(1)
