"""Whoever reads a transcript, a customer or an original is written down; a list is no read."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse

from calls.call_rows import write
from calls.happenings import CallRang, Said
from calls.models import Call, CallWords, Speaker
from catalog.models import Clip
from customers.models import Customer
from staff.models import AuditEntry
from tests.catalog.factories import make_recording
from tests.staff.people import browser_of, hire

pytestmark = pytest.mark.django_db
CALLS = "admin:calls_call_changelist"


@pytest.fixture
def call(db: None) -> Call:
    write(CallRang("CA1", "+351200000002", "+351200000001", "Reception", 1, 3.5))
    write(Said("CA1", Speaker.CALLER, "My tooth hurts.", 2_000.0, 3_900.0))
    CallWords.objects.create(call=Call.objects.get(), text="My tooth hurts.")
    return Call.objects.get()


def reads() -> list[tuple[str, str, str]]:
    """Who read what, the oldest first."""
    rows = AuditEntry.objects.filter(action=AuditEntry.Action.ACCESS).order_by("pk")
    return [(row.actor_name, row.content_type.model, row.object_pk) for row in rows]


def test_whoever_opens_a_call_is_written_down(call: Call) -> None:
    manager = hire("M")
    page = browser_of(manager).get(reverse("admin:calls_call_change", args=(call.pk,)))
    assert "My tooth hurts." in page.content.decode()
    assert reads() == [("manager", "call", str(call.pk))]
    assert manager is not None
    manager.delete()
    assert reads() == [("manager", "call", str(call.pk))]


def test_who_is_refused_has_read_nothing(call: Call) -> None:
    address = reverse("admin:calls_call_change", args=(call.pk,))
    assert browser_of(hire("E")).get(address).status_code == 403
    assert browser_of(hire("C")).get(reverse(CALLS), {"q": "tooth"}).status_code == 403
    assert reads() == []


def test_a_list_of_calls_is_no_read(supervisor: Client, call: Call) -> None:
    assert supervisor.get(reverse(CALLS)).status_code == 200
    assert supervisor.get(reverse(CALLS), {"q": ""}).status_code == 200
    assert reads() == []


def test_a_search_in_what_was_said_is_a_read(supervisor: Client, call: Call) -> None:
    supervisor.get(reverse(CALLS), {"q": "tooth"})
    assert reads() == [("supervisor", "call", "")]
    row = AuditEntry.objects.get(action=AuditEntry.Action.ACCESS)
    assert row.additional_data == {"found": 1}
    assert "tooth" not in str(AuditEntry.objects.values())


def test_what_a_call_writes_of_itself_is_no_row(call: Call) -> None:
    assert not AuditEntry.objects.filter(content_type__app_label="calls").exists()


def test_whoever_opens_or_searches_customers_is_written_down(supervisor: Client) -> None:
    ana = Customer.objects.create(name="Ana Melo", phone="+351200000011")
    supervisor.get(reverse("admin:customers_customer_changelist"))
    supervisor.get(reverse("admin:customers_customer_changelist"), {"q": "Melo"})
    supervisor.get(reverse("admin:customers_customer_change", args=(ana.pk,)))
    supervisor.get(reverse("admin:customers_customer_add"))
    assert reads() == [
        ("supervisor", "customer", ""),
        ("supervisor", "customer", str(ana.pk)),
    ]


def test_whoever_hears_an_original_is_written_down_and_not_whoever_hears_what_callers_hear(
    supervisor: Client, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    recording = make_recording(Clip.objects.create(name="Welcome"))
    recording.original.save("welcome.wav", ContentFile(b"RIFF"))
    key = (recording.pk,)
    assert supervisor.get(reverse("admin:catalog_recording_audio", args=key)).status_code == 200
    assert reads() == []
    assert supervisor.get(reverse("admin:catalog_recording_original", args=key)).status_code == 200
    assert reads() == [("supervisor", "recording", str(recording.pk))]
