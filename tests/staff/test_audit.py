"""Every change leaves a row that says who, what and when, and outlives its author."""

import re
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.test import Client
from django.urls import reverse

from catalog.models import Agent, CatalogRevision, PhoneNumber, ServingProcess, Tool
from catalog.presence import Presence
from catalog.publishing import publish, roll_back_to
from customers.models import Customer
from staff.audit import HIDDEN, RULES, rules_of
from staff.models import AuditEntry
from tests.catalog.factories import make_agent, make_clip, make_prompt

pytestmark = pytest.mark.django_db
Action = AuditEntry.Action


def rows_of(model: type[models.Model], action: Action) -> list[AuditEntry]:
    meta = model._meta
    rows = AuditEntry.objects.filter(action=action)
    return list(
        rows.filter(content_type__app_label=meta.app_label, content_type__model=meta.model_name)
    )


def add_tool_of_old() -> Tool:
    return Tool.objects.create(name="a_tool_that_is_gone")


def test_it_writes_down_who_added_what(boss: Client) -> None:
    agent = make_agent("Vera")
    posted = {"number": "+351 200 000 009", "agent": agent.pk, "label": "Lisbon"}
    boss.post(reverse("admin:catalog_phonenumber_add"), posted)
    (row,) = rows_of(PhoneNumber, Action.CREATE)
    assert (row.actor_name, row.actor) == ("superuser", User.objects.get())
    assert row.object_repr == "+351200000009"
    assert row.changes["label"] == ["None", "Lisbon"]


def test_it_writes_down_from_what_to_what(boss: Client) -> None:
    number = PhoneNumber.objects.create(number="+351200000009", agent=make_agent(), label="Old")
    address = reverse("admin:catalog_phonenumber_change", args=(number.pk,))
    boss.post(address, {"number": number.number, "agent": number.agent_id, "label": "New"})
    (row,) = rows_of(PhoneNumber, Action.UPDATE)
    assert (row.actor_name, row.changes) == ("superuser", {"label": ["Old", "New"]})


def test_it_writes_down_who_deleted_what(boss: Client) -> None:
    tool = add_tool_of_old()
    boss.post(reverse("admin:catalog_tool_delete", args=(tool.pk,)), {"post": "yes"})
    assert not Tool.objects.filter(pk=tool.pk).exists()
    (row,) = rows_of(Tool, Action.DELETE)
    assert (row.actor_name, row.object_repr) == ("superuser", "a_tool_that_is_gone")


def test_it_writes_down_what_is_changed_in_a_list(boss: Client) -> None:
    tools = list(Tool.objects.all())
    posted: dict[str, Any] = {"form-TOTAL_FORMS": len(tools), "form-INITIAL_FORMS": len(tools)}
    for number, tool in enumerate(tools):
        posted |= {f"form-{number}-id": tool.pk, f"form-{number}-stage": tool.stage}
    boss.post(reverse("admin:catalog_tool_changelist"), {**posted, "_save": "Save"})
    changed = rows_of(Tool, Action.UPDATE)
    assert {row.object_repr for row in changed} == {tool.name for tool in tools}
    assert all(row.changes == {"enabled": ["True", "False"]} for row in changed)


def test_saving_what_was_not_changed_leaves_no_row() -> None:
    agent = make_agent()
    before = AuditEntry.objects.count()
    Agent.objects.get(pk=agent.pk).save()
    assert AuditEntry.objects.count() == before


def test_it_writes_down_who_was_put_into_which_group(boss: Client) -> None:
    user = User.objects.create_user("clerk", is_staff=True)
    group = Group.objects.get(name="Editors")
    posted = {
        "username": "clerk",
        "is_staff": "on",
        "is_active": "on",
        "groups": [group.pk],
        "date_joined_0": "2026-01-01",
        "date_joined_1": "00:00:00",
    }
    boss.post(reverse("admin:auth_user_change", args=(user.pk,)), posted)
    (row,) = [row for row in rows_of(User, Action.UPDATE) if "groups" in row.changes]
    assert (row.actor_name, row.object_repr) == ("superuser", "clerk")
    assert (row.changes["groups"]["operation"], row.changes["groups"]["objects"]) == (
        "add",
        ["Editors"],
    )


def test_it_outlives_the_account_of_its_author(boss: Client) -> None:
    agent = make_agent("Vera")
    posted = {"number": "+351 200 000 009", "agent": agent.pk}
    boss.post(reverse("admin:catalog_phonenumber_add"), posted)
    User.objects.get(username="superuser").delete()
    (row,) = rows_of(PhoneNumber, Action.CREATE)
    assert (row.actor, row.actor_name) == (None, "superuser")


def test_who_deletes_their_own_account_is_still_named(boss: Client) -> None:
    me = User.objects.get(username="superuser")
    address = reverse("admin:auth_user_delete", args=(me.pk,))
    boss.post(address, {"post": "yes"})
    assert not User.objects.exists()
    (row,) = rows_of(User, Action.DELETE)
    assert (row.actor, row.actor_name, row.object_repr) == (None, "superuser", "superuser")


def test_it_says_that_a_password_was_changed_and_never_to_what(boss: Client) -> None:
    user = User.objects.create_user("clerk", "clerk@example.org", "first one")
    address = reverse("admin:auth_user_password_change", args=(user.pk,))
    new = "correct horse battery"
    boss.post(address, {"password1": new, "password2": new, "usable_password": "true"})
    user.refresh_from_db()
    assert user.check_password(new)
    assert {"password": [HIDDEN, HIDDEN]} in [row.changes for row in rows_of(User, Action.UPDATE)]
    assert not _appear("pbkdf2", "example.org")


def test_it_keeps_nothing_of_what_is_known_of_a_customer(boss: Client) -> None:
    ana = Customer.objects.create(name="Ana Melo", phone="+351200000011", notes="Is afraid.")
    fact = ana.facts.create(text="Has two children.")
    ana.name, ana.notes = "Ana Sousa", ""
    ana.save()
    fact.text = "Has three children."
    fact.save()
    ana.delete()
    assert len(AuditEntry.objects.filter(content_type__app_label="customers")) == 6
    assert rows_of(Customer, Action.UPDATE)[0].changes == {
        "name": [HIDDEN, HIDDEN],
        "notes": [HIDDEN, ""],
    }
    assert not _appear("Ana", "Melo", "Sousa", "200000011", "afraid", "children")


def _appear(*words: str) -> list[str]:
    """Those of the words that stand anywhere in the rows of the log."""
    everything = " ".join(str(row) for row in AuditEntry.objects.values())
    return [word for word in words if re.search(word, everything)]


def test_it_holds_no_sound_and_no_revision_whole() -> None:
    make_clip("Welcome", mulaw=b"\x12" * 400_000)
    publish("A test")
    sizes = [len(str(row)) for row in AuditEntry.objects.values()]
    assert max(sizes) < 5_000


def test_what_nobody_did_is_written_down_without_a_name() -> None:
    make_agent("Vera")
    assert {row.actor_name for row in rows_of(Agent, Action.CREATE)} == {""}


def test_what_processes_write_by_themselves_is_no_row() -> None:
    before = AuditEntry.objects.count()
    Presence().show(1, "")
    assert ServingProcess.objects.exists()
    assert AuditEntry.objects.count() == before


def test_going_back_to_a_revision_is_written_down(
    boss: Client, django_capture_on_commit_callbacks: Any
) -> None:
    publish("Before")
    old = CatalogRevision.objects.latest()
    Agent.objects.update(business_name="Changed")
    publish("After")
    with django_capture_on_commit_callbacks(execute=True):
        roll_back_to(old)
    newest = rows_of(CatalogRevision, Action.CREATE)[0]
    assert newest.changes["cause"][1] == f"Rolled back to revision {old.pk}"


@pytest.mark.parametrize("rules", RULES, ids=lambda rules: rules.model)
def test_the_rules_name_fields_that_there_are(rules: Any) -> None:
    names = {field.name for field in apps.get_model(rules.model)._meta.get_fields()}
    named = {*rules.hidden, *rules.left_out, *rules.many, *filter(None, [rules.part_of])}
    assert named <= names


def test_every_model_that_staff_change_in_the_admin_has_rules() -> None:
    kinds = ContentType.objects.get_for_models(*admin.site._registry)
    without = {kind.model for kind in kinds.values() if rules_of(kind) not in RULES}
    assert without == {"auditentry"}


def test_a_publication_is_written_down() -> None:
    clip, prompt = make_clip("Welcome"), make_prompt("Sales")
    changed = {
        (row.object_repr, *row.changes["published"])
        for row in AuditEntry.objects.filter(action=Action.UPDATE)
        if "published" in row.changes
    }
    assert changed == {
        ("Welcome", "None", str(clip.published_id)),
        ("Sales", "None", str(prompt.published_id)),
    }
