"""Names are in no log that outlives them: neither in Django's own nor, as tags, in ours."""

from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.urls import reverse

from calls.models import Call, CallReview
from catalog.models import Tool
from customers.models import Appointment, Customer
from staff.audit import HIDDEN, rules_of
from staff.models import AuditEntry
from staff.reads import AuditedReads

pytestmark = pytest.mark.django_db
MIGRATION: Any = import_module("staff.migrations.0006_no_names_in_logs")
NO_LINES = {
    f"{of}-{kind}_FORMS": "0"
    for of in ("more_phones", "facts", "appointments")
    for kind in ("TOTAL", "INITIAL")
}


def test_the_admin_keeps_no_name_of_a_customer_beside_the_audit_log(boss: Client) -> None:
    written = {"name": "Ana Melo", "phone": "+351200000011", "status": "lead", "language": "pt"}
    boss.post(reverse("admin:customers_customer_add"), written | NO_LINES)
    ana = Customer.objects.get()
    page = reverse("admin:customers_customer_change", args=(ana.pk,))
    boss.post(page, written | NO_LINES | {"name": "Ana Sousa"})
    assert Customer.objects.get().name == "Ana Sousa"
    boss.post(reverse("admin:customers_customer_delete", args=(ana.pk,)), {"post": "yes"})
    assert not Customer.objects.exists()
    assert not LogEntry.objects.exists()
    assert AuditEntry.objects.filter(content_type__model="customer").count() >= 3


def test_many_that_are_deleted_at_once_are_not_named_either(boss: Client) -> None:
    Customer.objects.create(name="Ana Melo", phone="+351200000011")
    chosen = {
        "action": "delete_selected",
        "_selected_action": [str(it.pk) for it in Customer.objects.all()],
        "post": "yes",
    }
    boss.post(reverse("admin:customers_customer_changelist"), chosen)
    assert not Customer.objects.exists() and not LogEntry.objects.exists()


def test_every_page_about_somebody_is_logged_by_the_audit_log_alone() -> None:
    about_people = [
        page
        for model, page in admin.site._registry.items()
        if model is Call or rules_of(ContentType.objects.get_for_model(model)).personal
    ]
    assert len(about_people) >= 3
    assert all(isinstance(page, AuditedReads) for page in about_people)


def test_what_was_logged_before_goes_and_what_is_of_the_catalog_stays(boss: Client) -> None:
    boss_user = User.objects.get()
    for model in (Customer, Appointment, CallReview, Tool):
        LogEntry.objects.create(
            user=boss_user,
            content_type=ContentType.objects.get_for_model(model),
            object_repr="Ana Melo",
            action_flag=ADDITION,
        )
    MIGRATION.forget_names(apps, None)
    assert [entry.content_type.model for entry in LogEntry.objects.all()] == ["tool"]


def test_tags_are_hidden_also_those_of_before() -> None:
    call = Call.objects.create(call_sid="CA1")
    review = CallReview.objects.create(call=call, tags="Ana Melo")
    [row] = AuditEntry.objects.filter(content_type__model="callreview")
    assert row.changes["tags"] == ["None", HIDDEN]
    AuditEntry.objects.update(changes={"tags": ["None", "Ana Melo"], "rating": ["1", "2"]})
    MIGRATION.mask_tags(apps, None)
    row.refresh_from_db()
    assert row.changes == {"tags": ["None", HIDDEN], "rating": ["1", "2"]}
    review.delete()
