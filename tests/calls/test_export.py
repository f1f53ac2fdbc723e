"""The file holds what the list shows, row for row, and nothing that a spreadsheet would run."""

import csv
import io
import json
import tracemalloc
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import Permission, User
from django.http import StreamingHttpResponse
from django.test import Client
from django.urls import reverse

from calls.call_record import call_record
from calls.export import stream
from calls.export.cells import COLUMNS, harmless
from calls.export.file_formats import FORMATS
from calls.export.stream import keys_of, streamed
from calls.models import Call, CallReview
from staff.models import AuditEntry
from tests.calls.records import make_call, sid
from tests.calls.samples import CALLER_NUMBER, DIALLED_NUMBER

pytestmark = pytest.mark.django_db
CSV, JSON = "admin:calls_call_export_csv", "admin:calls_call_export_json"
LIST = "admin:calls_call_changelist"


def browser_with(*permissions: str) -> Client:
    user = User.objects.create_user("manager", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def manager() -> Client:
    return browser_with("view_call", "export_call", "see_phone_numbers")


def downloaded(client: Client, page: str, asked: Any = None) -> bytes:
    response = client.get(reverse(page), asked or {})
    assert isinstance(response, StreamingHttpResponse), response
    # A server that is fed from a plain iterator under ASGI first reads all of it into memory.
    assert response.is_async

    async def read() -> bytes:
        return b"".join([part async for part in response])

    return async_to_sync(read)()


def rows(client: Client, asked: Any = None) -> list[dict[str, str]]:
    text = downloaded(client, CSV, asked).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def documents(client: Client, asked: Any = None) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(downloaded(client, JSON, asked))
    return found


def test_a_row_says_what_the_columns_promise(manager: Client) -> None:
    call = make_call(recording=True)
    content = downloaded(manager, CSV)
    assert content.startswith(b"\xef\xbb\xbfcall_sid,")
    (row,) = rows(manager)
    assert tuple(row) == COLUMNS
    assert (row["call_sid"], row["from"], row["to"]) == (
        call.call_sid,
        CALLER_NUMBER,
        DIALLED_NUMBER,
    )
    assert (row["customer"], row["agent"], row["status"]) == (
        "Maria Silva",
        "Reception",
        "completed",
    )
    assert (row["duration_s"], row["first_audio_ms"], row["rating"]) == ("83.0", "2.4", "4")
    assert (row["survey_score"], row["tags"], row["recording"]) == ("5", "booked", "ready")
    assert json.loads(row["details"]) == {"allergy": "peanuts"}
    assert datetime.fromisoformat(row["rang_at"]) == call.created_at.replace(microsecond=0)


def test_a_document_is_the_record_of_the_call_with_who_rang_whom(manager: Client) -> None:
    call = make_call()
    (document,) = documents(manager)
    assert document == {
        **json.loads(json.dumps(call_record(call))),
        "rang_at": call.created_at.isoformat(),
        "from": CALLER_NUMBER,
        "to": DIALLED_NUMBER,
    }


@pytest.mark.parametrize("page", [CSV, JSON])
def test_it_holds_what_the_filters_show_on_all_pages_and_no_more(
    manager: Client, page: str
) -> None:
    for number in range(60):
        make_call(number, status="failed" if number % 6 == 0 else "completed")
    read = rows if page == CSV else documents
    asked = {"status": "failed"}
    listed = manager.get(reverse(LIST), asked).context["cl"].queryset
    assert [row["call_sid"] for row in read(manager, asked)] == [call.call_sid for call in listed]
    assert len(read(manager, {**asked, "p": "2"})) == listed.count()
    assert len(read(manager)) == 60


def test_a_search_and_an_order_are_kept(manager: Client) -> None:
    make_call(1, customer_name="Ana")
    make_call(2, customer_name="Bea")
    make_call(3, customer_name="Ana")
    assert {row["call_sid"] for row in rows(manager, {"q": "Ana"})} == {sid(1), sid(3)}
    columns = list(manager.get(reverse(LIST)).context["cl"].list_display)
    by = str(columns.index("created_at"))
    assert [row["call_sid"] for row in rows(manager, {"o": by})] == [sid(1), sid(2), sid(3)]
    assert [row["call_sid"] for row in rows(manager, {"o": f"-{by}"})] == [sid(3), sid(2), sid(1)]


def test_without_calls_the_files_are_empty_and_whole(manager: Client) -> None:
    assert rows(manager) == []
    assert documents(manager) == []


def test_who_may_not_see_numbers_gets_none_in_any_field() -> None:
    client = browser_with("view_call", "export_call")
    make_call(summary="Call +351 200 000 002 back.", details={"phone": ["+351200000002"]})
    (row,), (document,) = rows(client), documents(client)
    assert row["from"] == document["from"] == "+351 ••• 002"
    assert row["summary"] == document["summary"] == "Call +351 ••• 002 back."
    assert row["to"] == document["to"] == DIALLED_NUMBER
    assert "0000002" not in json.dumps([row, document]) and "000 002" not in json.dumps(document)


@pytest.mark.parametrize(
    "permissions", [("view_call",), ("export_call",), ("view_call", "see_phone_numbers")]
)
def test_who_may_not_export_is_refused(permissions: tuple[str, ...]) -> None:
    make_call()
    client = browser_with(*permissions)
    for page in (CSV, JSON):
        assert client.get(reverse(page)).status_code == 403
    assert not AuditEntry.objects.filter(action=AuditEntry.Action.ACCESS).exists()


def test_an_export_is_written_down_with_how_many_and_not_what_was_asked(manager: Client) -> None:
    make_call()
    downloaded(manager, CSV, {"q": "Maria"})
    entry = AuditEntry.objects.get(action=AuditEntry.Action.ACCESS)
    assert entry.additional_data == {"exported": 1, "as": "csv"}
    assert (entry.content_type.model, entry.actor_name) == ("call", "manager")


FORMULAS = (
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    " =1",
    "＝1",
    '=1,"2"',
)


@pytest.mark.parametrize("text", FORMULAS)
def test_nothing_a_spreadsheet_would_run_is_a_cell(manager: Client, text: str) -> None:
    call = make_call(
        customer_name=text, summary=text, agent_name=text, from_number=text[:32], clip_name=text
    )
    CallReview.objects.filter(call=call).update(tags=text)
    (row,) = rows(manager)
    for name in ("customer", "summary", "agent", "tags", "from", "greeting_clip"):
        assert row[name] == f"'{text}"


@pytest.mark.parametrize("text", ["", "Maria", "a = b", "5 - 3", "12:30", "‘quoted’"])
def test_plain_words_stay_as_they_are(text: str) -> None:
    assert harmless(text) == text


def test_line_breaks_quotes_and_other_alphabets_survive(manager: Client) -> None:
    text = 'She said "no";\r\nthen, in 日本語: ção 🙂'
    make_call(summary=text)
    assert rows(manager)[0]["summary"] == text
    assert documents(manager)[0]["summary"] == text


@pytest.mark.parametrize(
    "asked",
    [
        {"status__exact": "no such status"},
        {"created_at__gte": "yesterday"},
        {"rating": "many"},
        {"agent_key": "1 OR 1=1"},
        {"p": "999999999999999999999"},
        {"o": "999.-x.."},
        {"q": "\0"},
        {"q": "x" * 5_000},
        {"q": "'; DROP TABLE calls_call; --"},
        {"e": "1"},
        {"utterances__text__regex": "(a+)+$"},
        {"from_number__startswith": "+351"},
        {"id__in": ",".join(map(str, range(3_000)))},
    ],
    ids=lambda asked: next(iter(asked)) + " " + next(iter(asked.values()))[:12].replace("\0", "0"),
)
def test_garbage_in_the_address_is_answered_like_the_list_does(
    manager: Client, asked: dict[str, str]
) -> None:
    make_call()
    for page in (CSV, JSON):
        answer = manager.get(reverse(page), asked)
        assert answer.status_code in {200, 302, 400}
    assert Call.objects.count() == 1


def test_more_than_a_server_can_write_in_time_is_refused_whole(
    manager: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FORMATS["csv"], "most_calls", 2)
    for number in range(3):
        make_call(number)
    answer = manager.get(reverse(CSV), {"q": "Maria"}, follow=True)
    assert answer.redirect_chain == [(f"{reverse(LIST)}?q=Maria", 302)]
    assert "at most 2 calls" in answer.content.decode()
    Call.objects.get(call_sid=sid(2)).delete()
    assert len(rows(manager)) == 2


def test_it_only_reads(manager: Client) -> None:
    assert manager.post(reverse(CSV)).status_code == 405


def test_a_call_that_changes_or_comes_meanwhile_spoils_nothing() -> None:
    for number in range(6):
        make_call(number)
    keys = keys_of(Call.objects.order_by("pk"))

    async def read() -> bytes:
        format_ = FORMATS["json"]
        format_.batch_calls = 2
        parts = []
        async for part in streamed(keys, format_, with_numbers=True):
            parts.append(part)
            if len(parts) == 2:
                await Call.objects.filter(call_sid__in=(sid(2), sid(3))).adelete()
                await Call.objects.filter(call_sid=sid(4)).aupdate(customer_name="Changed")
                await Call.objects.acreate(call_sid=sid(99))
        return b"".join(parts)

    found = json.loads(async_to_sync(read)())
    assert [document["call_sid"] for document in found] == [sid(0), sid(1), sid(4), sid(5)]
    assert found[2]["customer"] == "Changed"


@pytest.mark.parametrize("page", [CSV, JSON])
def test_a_file_that_breaks_off_is_not_taken_for_a_whole_one(
    manager: Client, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_call()
    monkeypatch.setattr(stream, "MOST_SECONDS", -1.0)
    content = downloaded(manager, page)
    if page == CSV:
        assert content.decode().splitlines()[-1].startswith("INCOMPLETE")
    else:
        with pytest.raises(json.JSONDecodeError):
            json.loads(content)


@pytest.mark.parametrize(("name", "most"), [("csv", 1), ("json", 4)])
def test_each_batch_is_read_with_the_same_few_queries(
    name: str, most: int, django_assert_max_num_queries: Any
) -> None:
    for number in range(25):
        make_call(number)
    keys = keys_of(Call.objects.order_by("pk"))

    async def read() -> int:
        return sum([len(part) async for part in streamed(keys, FORMATS[name], with_numbers=True)])

    with django_assert_max_num_queries(most):
        assert async_to_sync(read)() > 25 * 200


def test_memory_does_not_grow_with_the_number_of_calls() -> None:
    FORMATS["csv"].batch_calls = 50
    Call.objects.bulk_create(
        Call(call_sid=sid(number), summary="x" * 500, created_at=datetime.now(UTC))
        for number in range(1_200)
    )

    async def read(keys: Sequence[int]) -> None:
        async for _part in streamed(keys, FORMATS["csv"], with_numbers=True):
            pass

    def peak(count: int) -> int:
        keys = keys_of(Call.objects.order_by("pk")[:count])
        tracemalloc.start()
        async_to_sync(read)(keys)
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return highest

    peak(200)  # What is imported and cached the first time.
    few, many = peak(200), peak(1_200)
    assert many < 1.5 * few


@pytest.fixture(autouse=True)
def formats_as_they_are(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for file_format in FORMATS.values():
        monkeypatch.setattr(file_format, "batch_calls", file_format.batch_calls)
    yield
