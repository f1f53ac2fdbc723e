"""The pages of agents, numbers and tools."""

from typing import Any

import pytest
from django.forms.models import model_to_dict
from django.test import Client
from django.urls import reverse

from catalog.models import Agent, PhoneNumber, Tool
from tests.catalog.factories import make_agent

PAGES = ("agent", "clip", "phonenumber", "prompt", "tool")


def agent_form(agent: Agent, **fields: Any) -> dict[str, Any]:
    form = {
        name: value for name, value in model_to_dict(agent).items() if value not in (None, False)
    }
    inline = {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0, "MIN_NUM_FORMS": 0, "MAX_NUM_FORMS": 1000}
    return form | {f"numbers-{name}": value for name, value in inline.items()} | fields


def change(agent: Agent) -> str:
    return reverse("admin:catalog_agent_change", args=(agent.pk,))


@pytest.mark.parametrize("page", PAGES)
def test_every_list_and_form_opens(alice: Client, page: str) -> None:
    PhoneNumber.objects.create(number="+351200000011", agent=Agent.objects.get())
    listed = alice.get(reverse(f"admin:catalog_{page}_changelist"), {"q": "a"})
    assert listed.status_code == 200
    row = {
        "agent": Agent.objects.get(), "clip": Agent.objects.get().greeting_clip,
        "phonenumber": PhoneNumber.objects.get(), "prompt": Agent.objects.get().prompt,
        "tool": Tool.objects.first(),
    }[page]  # fmt: skip
    assert row is not None
    opened = alice.get(reverse(f"admin:catalog_{page}_change", args=(row.pk,)))
    assert opened.status_code == 200


def test_it_saves_an_agent_with_a_new_number(alice: Client) -> None:
    agent = Agent.objects.get()
    fields = {
        "numbers-TOTAL_FORMS": 1,
        "numbers-0-number": "+351 200 000 011",
        "language": "pt",
        "time_zone": "Europe/Lisbon",
    }
    response = alice.post(change(agent), agent_form(agent, **fields))
    assert response.status_code == 302, response.context["errors"]
    agent.refresh_from_db()
    assert (agent.language, agent.time_zone) == ("pt", "Europe/Lisbon")
    assert agent.numbers.get().number == "+351200000011"


def test_a_number_that_cannot_be_dialled_is_an_error_of_the_form(alice: Client) -> None:
    agent = Agent.objects.get()
    response = alice.post(change(agent), agent_form(agent, transfer_number="the front desk"))
    assert response.status_code == 200
    assert "country code" in response.content.decode()


def test_another_agent_can_take_over_the_other_numbers(alice: Client) -> None:
    vera = make_agent("Vera")
    response = alice.post(change(vera), agent_form(vera, is_default="on"))
    assert response.status_code == 302, response.context["errors"]
    assert list(Agent.objects.filter(is_default=True)) == [vera]


def test_the_default_agent_cannot_be_deleted(alice: Client) -> None:
    agent = Agent.objects.get()
    assert alice.post(reverse("admin:catalog_agent_delete", args=(agent.pk,))).status_code == 403
    alice.post(
        reverse("admin:catalog_agent_changelist"),
        {"action": "delete_selected", "_selected_action": [agent.pk], "post": "yes"},
    )
    assert Agent.objects.filter(pk=agent.pk).exists()


def test_its_list_says_whose_greeting_is_only_text(alice: Client) -> None:
    make_agent("Vera")
    assert "No clip: the text is spoken" in alice.get("/admin/catalog/agent/").content.decode()


def test_the_list_of_tools_fills_itself_and_is_edited_in_place(alice: Client) -> None:
    Tool.objects.all().delete()
    alice.get("/admin/catalog/tool/")
    first, second, third = Tool.objects.order_by("name")
    form = {"form-TOTAL_FORMS": 3, "form-INITIAL_FORMS": 3, "_save": "Save"}
    for index, tool in enumerate((first, second, third)):
        form |= {f"form-{index}-id": tool.pk, f"form-{index}-stage": "full"}
    response = alice.post("/admin/catalog/tool/", form)
    assert response.status_code == 302
    assert set(Tool.objects.values_list("stage", "enabled")) == {("full", False)}


def test_tools_are_neither_added_nor_deleted_by_hand(alice: Client) -> None:
    assert alice.get(reverse("admin:catalog_tool_add")).status_code == 403
    known = Tool.objects.get(name="end_call")
    assert alice.post(reverse("admin:catalog_tool_delete", args=(known.pk,))).status_code == 403


def test_a_row_whose_tool_is_gone_can_be_deleted(alice: Client) -> None:
    gone = Tool.objects.create(name="send_fax")
    assert "no longer part of the code" in alice.get("/admin/catalog/tool/").content.decode()
    alice.post(reverse("admin:catalog_tool_delete", args=(gone.pk,)), {"post": "yes"})
    assert not Tool.objects.filter(name="send_fax").exists()


@pytest.mark.parametrize("page", PAGES)
def test_staff_without_permission_see_nothing(bob: Client, page: str) -> None:
    assert bob.get(reverse(f"admin:catalog_{page}_changelist")).status_code == 403
