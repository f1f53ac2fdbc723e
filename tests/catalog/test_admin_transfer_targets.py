"""Whom callers can be transferred to, on the page of the agent."""

from typing import Any

import pytest
from django.test import Client

from catalog.models import Agent, CatalogRevision, TransferTarget
from catalog.warmup import current, warm
from staff.models import AuditEntry
from tests.catalog.factories import make_agent
from tests.catalog.studio import editor
from tests.catalog.test_admin_agents import agent_form, change, saved

BILLING = ("Billing", "+351 200 000 021")
SILVA = ("Dr. Silva", "+351 200 000 022")


@pytest.fixture
def erin(db: None) -> Client:
    return editor()


def with_targets(agent: Agent, *targets: tuple[str, str], **fields: Any) -> dict[str, Any]:
    form = agent_form(agent) | {"transfer_targets-TOTAL_FORMS": len(targets)}
    for index, (name, number) in enumerate(targets):
        line = {"name": name, "number": number}
        form |= {f"transfer_targets-{index}-{key}": value for key, value in line.items()}
    return form | fields


def test_they_are_entered_beside_the_agent(erin: Client) -> None:
    vera = make_agent("Vera")
    assert "Other people callers can be transferred to" in erin.get(change(vera)).content.decode()
    assert saved(erin.post(change(vera), with_targets(vera, BILLING, SILVA)))
    assert [str(target) for target in vera.transfer_targets.all()] == [
        "Billing (+351200000021)",
        "Dr. Silva (+351200000022)",
    ]


@pytest.mark.parametrize(
    ("targets", "said"),
    [
        ((BILLING, BILLING), "Please correct the duplicate"),
        ((("Billing", "the desk"),), "country code"),
        ((("Billing", ""),), "This field is required"),
        ((("", "+351200000021"),), "This field is required"),
    ],
)
def test_what_could_not_be_dialled_is_refused(
    erin: Client, targets: tuple[tuple[str, str], ...], said: str
) -> None:
    vera = make_agent("Vera")
    refused = erin.post(change(vera), with_targets(vera, *targets))
    assert refused.status_code == 200
    assert said in refused.content.decode()
    assert not TransferTarget.objects.exists()


def test_a_page_that_was_overtaken_does_not_undo_a_colleagues_target(erin: Client) -> None:
    vera = make_agent("Vera")
    seen = erin.get(change(vera)).context["adminform"].form["seen"].value()
    TransferTarget.objects.create(agent=vera, name="Ana", number="+351200000023")
    refused = erin.post(change(vera), with_targets(vera, BILLING, seen=seen))
    assert "somebody else changed this agent" in refused.content.decode()
    assert [target.name for target in vera.transfer_targets.all()] == ["Ana"]


@pytest.mark.django_db(transaction=True)
def test_callers_can_be_transferred_to_them_from_the_next_call_on(erin: Client) -> None:
    agent = Agent.objects.get()
    fields = {"transfer_number": "+351200000020", "calendar": "dentists"}
    assert saved(erin.post(change(agent), with_targets(agent, BILLING, **fields)))
    assert CatalogRevision.objects.exists()
    warm()
    spec = current().agents[agent.pk]
    assert [(target.name, target.number) for target in spec.transfer_targets] == [
        ("", "+351200000020"),
        ("Billing", "+351200000021"),
    ]
    assert spec.calendar == "dentists"


@pytest.mark.django_db(transaction=True)
def test_a_change_of_them_stands_in_the_audit_log(erin: Client) -> None:
    vera = make_agent("Vera")
    assert saved(erin.post(change(vera), with_targets(vera, BILLING)))
    target = vera.transfer_targets.get()
    (entry,) = AuditEntry.objects.filter(
        content_type__model="transfertarget", object_pk=str(target.pk)
    )
    assert "+351200000021" in str(entry.changes)
