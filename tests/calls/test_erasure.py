"""Everything of one caller goes, and nothing of anybody else; what cannot go now is refused."""

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client, override_settings
from django.urls import reverse

from calls import erasure
from calls.call_rows import write
from calls.erasure import CannotErase, erase_caller, found_of
from calls.happenings import CallRang, RecordingChanged
from calls.journal import Journal, folder_of
from calls.journal_lines import encoded
from calls.models import Call, DeliveryState, RecordingState, Survey, Webhook, WebhookDelivery
from customers.directory import DirectoryError, get_directory
from customers.models import Appointment, Customer, CustomerFact
from staff.models import AuditEntry
from tests.calls.records import left_of, make_call, personal_in, sid
from tests.calls.samples import CALLER_NUMBER, DIALLED_NUMBER

# The directory asks from threads of its own, which see what is committed.
pytestmark = pytest.mark.django_db(transaction=True)
FURTHER, STRANGER = "+351200000022", "+351200000077"
TEN = datetime(2031, 12, 1, 10, tzinfo=UTC)
PAGE = "admin:calls_call_erase_caller"


@pytest.fixture(autouse=True)
def the_local_directory() -> Iterator[None]:
    get_directory.cache_clear()
    yield
    get_directory.cache_clear()


@pytest.fixture(autouse=True)
def shelf(tmp_path: Path, settings: Any) -> Iterator[Path]:
    folder = tmp_path / "recordings"
    here = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(folder)},
    }
    with override_settings(STORAGES={**settings.STORAGES, "recordings": here}):
        yield folder


def maria() -> Customer:
    customer = Customer.objects.create(name="Maria Silva", phone=CALLER_NUMBER, notes="peanuts")
    customer.more_phones.create(number=FURTHER)
    CustomerFact.objects.create(customer=customer, text="Was angry once.")
    return customer


def everything_of_maria() -> list[Call]:
    maria()
    calls = [
        make_call(1, recording=True),
        make_call(2, days_ago=400),
        make_call(3, from_number=FURTHER),
    ]
    storages["recordings"].save(calls[0].recording, ContentFile(b"voices"))
    return calls


def browser_of(permission: str) -> Client:
    """Of a colleague who is called like what they may do beside seeing calls."""
    user = User.objects.create_user(permission, is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=("view_call", permission)))
    client = Client()
    client.force_login(user)
    return client


def everywhere() -> str:
    """All that the whole database holds, as text."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        rows = []
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')
            rows += [str(row) for row in cursor.fetchall()]
    return "\n".join(rows)


def test_nothing_of_the_caller_is_left_anywhere(shelf: Path) -> None:
    calls = everything_of_maria()
    assert set(personal_in(everywhere())) >= {"Maria", "200000002", "toothache", "peanuts"}
    done = erase_caller(CALLER_NUMBER)
    assert personal_in(everywhere()) == []
    assert "200000022" not in everywhere()
    assert all(personal_in(left_of(call)) == [] for call in calls)
    assert list(shelf.iterdir()) == []
    assert not Survey.objects.exists()
    counts = done.counts
    assert (counts.calls, counts.utterances, counts.tool_runs, counts.recordings) == (3, 6, 3, 1)
    assert (counts.surveys, counts.customers, counts.further_numbers, counts.facts) == (3, 1, 1, 1)


def test_what_it_shows_before_is_what_goes() -> None:
    everything_of_maria()
    before = found_of("+351 200 000 002")
    assert erase_caller("+351 (200) 000-002").counts == before
    assert found_of(CALLER_NUMBER).is_nothing


def test_a_recording_that_never_was_is_not_counted() -> None:
    call = make_call()
    write(RecordingChanged(call.call_sid, RecordingState.WITHHELD))
    assert found_of(CALLER_NUMBER).recordings == 0
    assert erase_caller(CALLER_NUMBER).counts.recordings == 0
    assert personal_in(everywhere()) == []


def test_a_second_time_finds_nothing_and_does_no_harm() -> None:
    everything_of_maria()
    erase_caller(CALLER_NUMBER)
    assert erase_caller(CALLER_NUMBER).counts.is_nothing


def test_a_stranger_keeps_everything() -> None:
    everything_of_maria()
    other = make_call(9, from_number=STRANGER, recording=True)
    storages["recordings"].save(other.recording, ContentFile(b"voices"))
    Customer.objects.create(name="Bea", phone=STRANGER)
    before = left_of(other)
    erase_caller(CALLER_NUMBER)
    assert left_of(other) == before
    assert Survey.objects.filter(call=other).exists()
    assert Customer.objects.filter(phone=STRANGER).exists()
    assert storages["recordings"].exists(other.recording)


def test_nobody_is_told_of_an_erased_call_any_more() -> None:
    call = make_call()
    hook = Webhook.objects.create(name="CRM", url="https://crm.example.org", secret="s")
    delivery = WebhookDelivery.objects.create(
        webhook=hook, call=call, delivery_id="6f2c5d66-5b1c-4a53-9a41-2f6d3c1c0f11",
        problem="The answer was: Maria is unknown",
    )  # fmt: skip
    erase_caller(CALLER_NUMBER)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.problem) == (DeliveryState.GIVEN_UP, "")


def test_figures_of_the_calls_stay() -> None:
    call = make_call()
    erase_caller(CALLER_NUMBER)
    call.refresh_from_db()
    assert (call.duration_ms, call.status, call.review.rating) == (83_000, "completed", 4)


def test_who_is_on_the_line_is_not_erased() -> None:
    maria()
    make_call(1)
    make_call(2, over=False)
    for ask in (found_of, erase_caller):
        with pytest.raises(CannotErase, match="on the line"):
            ask(CALLER_NUMBER)
        with pytest.raises(CannotErase, match="on the line"):
            ask(FURTHER)
    assert Customer.objects.exists()


@pytest.mark.parametrize(
    "number",
    ["", "anonymous", "+266696687", "200000002", "+351", "x" * 100_000, "+٣٥١", "' OR 1=1"],
)
def test_a_number_nobody_can_have_is_refused_in_a_sentence(number: str) -> None:
    make_call(from_number="")
    with pytest.raises(CannotErase, match="country code"):
        erase_caller(number)
    assert Call.objects.get().customer_name == "Maria Silva"


def test_a_directory_that_is_away_is_said_and_nothing_is_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    everything_of_maria()

    async def away(number: str) -> None:
        raise DirectoryError("Supabase did not answer.")

    with monkeypatch.context() as patch:
        patch.setattr(get_directory(), "erase", away)
        with pytest.raises(CannotErase, match="directory could not be asked"):
            erase_caller(CALLER_NUMBER)
    # The calls are gone, those from the further number too; the customer is found again.
    counts = erase_caller(CALLER_NUMBER).counts
    assert (counts.calls, counts.customers) == (0, 1)
    assert personal_in(everywhere()) == []


def test_it_waits_for_what_a_journal_of_another_process_still_holds(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CALL_LOG_DIR = tmp_path
    monkeypatch.setattr(erasure, "JOURNAL_SECONDS", 0.3)
    make_call()
    journal = Journal(folder_of(tmp_path, connection.settings_dict))
    journal.append([encoded(CallRang(sid(2), CALLER_NUMBER, DIALLED_NUMBER, "Reception", 1, 1.0))])
    with pytest.raises(CannotErase, match="being written down"):
        erase_caller(CALLER_NUMBER)
    batch = journal.next_batch(0.0)
    assert batch is not None
    journal.written(batch)
    journal.forget()
    assert erase_caller(CALLER_NUMBER).counts.calls == 1


def test_a_journal_nobody_can_read_is_said_in_a_sentence(tmp_path: Path, settings: Any) -> None:
    settings.CALL_LOG_DIR = tmp_path
    make_call()
    (folder_of(tmp_path, connection.settings_dict) / "odd.jsonl").mkdir(parents=True)
    with pytest.raises(CannotErase, match="odd.jsonl cannot be read"):
        erase_caller(CALLER_NUMBER)
    assert Call.objects.get().from_number == CALLER_NUMBER


def test_the_audit_log_says_who_erased_how_much_and_not_whom() -> None:
    everything_of_maria()
    browser = browser_of("erase_caller")
    sent = {"number": CALLER_NUMBER, "confirmed": "yes"}
    assert browser.post(reverse(PAGE), sent).status_code == 200
    entry = AuditEntry.objects.get(content_type__model="call", action=AuditEntry.Action.DELETE)
    assert (entry.actor_name, entry.object_repr) == ("erase_caller", "+351 ••• 002")
    assert entry.additional_data["erased"]["calls"] == 3
    rows = json.dumps(list(AuditEntry.objects.values("object_repr", "changes", "additional_data")))
    assert personal_in(rows) == []


def test_the_page_shows_what_would_go_before_it_goes() -> None:
    everything_of_maria()
    browser = browser_of("erase_caller")
    shown = browser.post(reverse(PAGE), {"number": "+351 200 000 002"}).content.decode()
    assert "what would go for +351200000002" in shown and "Erase all of it" in shown
    assert Customer.objects.exists()
    sent = {"number": CALLER_NUMBER, "confirmed": "yes"}
    assert "was erased" in browser.post(reverse(PAGE), sent).content.decode()
    assert not Customer.objects.exists()
    again = browser.post(reverse(PAGE), {"number": CALLER_NUMBER}).content.decode()
    assert "There is nothing about" in again and "Erase all of it" not in again


def test_only_who_may_erase_does() -> None:
    everything_of_maria()
    sent = {"number": CALLER_NUMBER, "confirmed": "yes"}
    assert browser_of("export_call").post(reverse(PAGE), sent).status_code == 403
    assert Client().post(reverse(PAGE), sent).status_code == 302
    assert Customer.objects.exists()


def test_what_somebody_types_is_shown_as_text() -> None:
    page = browser_of("erase_caller").post(reverse(PAGE), {"number": '"><script>x</script>'})
    assert "<script>x" not in page.content.decode()
    assert "country code" in page.content.decode()


def test_the_command_reports_by_kind_and_says_where_else_to_ask(
    capsys: pytest.CaptureFixture[str],
) -> None:
    everything_of_maria()
    call_command("erase_caller", CALLER_NUMBER, "--dry-run")
    assert Customer.objects.exists()
    call_command("erase_caller", CALLER_NUMBER, "--no-input")
    told = capsys.readouterr().out
    assert "3  Calls" in told and "Twilio" in told
    assert personal_in(everywhere()) == []
    with pytest.raises(CommandError, match="country code"):
        call_command("erase_caller", "anonymous")


def test_the_command_says_how_to_go_on_where_nobody_can_be_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    everything_of_maria()
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    with pytest.raises(CommandError, match="--no-input"):
        call_command("erase_caller", CALLER_NUMBER)
    assert Customer.objects.exists()


def test_appointments_go_with_their_customer_and_their_time_is_free_again() -> None:
    customer = maria()
    Appointment.objects.create(
        customer=customer, starts_at=TEN, ends_at=TEN + timedelta(minutes=30), reason="x"
    )
    assert erase_caller(CALLER_NUMBER).counts.appointments == 1
    assert not Appointment.objects.exists()
