"""The list of tools: set to stages in place, with what each costs and how often it was used."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from catalog import tool_usage
from catalog.admin import tools
from catalog.models import Tool
from catalog.snapshot_parts import offered_tools
from catalog.stage_costs import stage_costs, tool_tokens
from catalog.tool_usage import ToolUsage
from catalog.tools.registry import lookup
from tests.catalog.factories import published_snapshot
from tests.catalog.studio import editor, reader

LIST = "/admin/catalog/tool/"


@pytest.fixture(autouse=True)
def counted_anew() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def erin(db: None) -> Client:
    return editor()


def list_form(**stages: str) -> dict[str, Any]:
    """The list as a browser posts it: every tool ticked, but for those without a stage."""
    rows = list(Tool.objects.order_by("name"))
    form: dict[str, Any] = {
        "form-TOTAL_FORMS": len(rows),
        "form-INITIAL_FORMS": len(rows),
        "_save": "Save",
    }
    for index, tool in enumerate(rows):
        form[f"form-{index}-id"] = tool.pk
        form[f"form-{index}-stage"] = stages.get(tool.name) or tool.stage
        if stages.get(tool.name) != "":
            form[f"form-{index}-enabled"] = "on"
    return form


def change(tool: Tool) -> str:
    return reverse("admin:catalog_tool_change", args=(tool.pk,))


def test_stages_and_switches_are_set_in_the_list_itself(erin: Client) -> None:
    Tool.objects.update(enabled=True)
    response = erin.post(LIST, list_form(get_current_time="full", end_call=""))
    assert response.status_code == 302
    clock, hang_up = Tool.objects.get(name="get_current_time"), Tool.objects.get(name="end_call")
    assert (clock.stage, clock.enabled, hang_up.enabled) == ("full", True, False)
    offered = {tool.spec.name: tool.stage for tool in published_snapshot().tools}
    assert offered["get_current_time"] == "full"
    assert "end_call" not in offered


def test_a_stage_that_there_is_not_is_refused(erin: Client) -> None:
    response = erin.post(LIST, list_form(get_current_time="always"))
    assert response.status_code == 200
    assert "not one of the available choices" in response.content.decode()
    assert not Tool.objects.filter(stage="always").exists()


def test_the_list_fills_itself(erin: Client) -> None:
    before = set(Tool.objects.values_list("name", flat=True))
    Tool.objects.all().delete()
    erin.get(LIST)
    assert set(Tool.objects.values_list("name", flat=True)) == before


def test_it_shows_what_a_tool_and_a_stage_cost(erin: Client) -> None:
    page = erin.get(LIST).content.decode()
    for cost in stage_costs(offered_tools(Tool.objects.all())):
        assert f"about {cost.tokens} prompt tokens at every turn" in page
        assert f"{cost.tools} tool" in page
    spec = lookup("get_current_time")
    assert spec is not None and str(tool_tokens(spec)) in page


def test_it_shows_what_the_agent_is_told_of_it(erin: Client) -> None:
    for tool in Tool.objects.all():
        spec = lookup(tool.name)
        assert spec is not None
        page = erin.get(change(tool))
        assert spec.description in page.context["adminform"].model_admin.description(tool)
        for name in spec.parameters.get("properties", {}):
            assert f"<code>{name}</code>" in page.content.decode()


def test_it_shows_how_often_each_was_used(erin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def counted() -> Mapping[str, ToolUsage]:
        at = datetime(2026, 3, 9, 12, tzinfo=UTC)
        return {"end_call": ToolUsage(12, 3, at), "get_current_time": ToolUsage(1, 0, at)}

    monkeypatch.setattr(tools, "usage", counted)
    page = erin.get(LIST).content.decode()
    for said in ("12 times, 3 failed", ">1 time<"):
        assert said in page
    assert page.count("never") >= Tool.objects.count() - 2


def test_uses_are_counted_once_for_the_whole_list(
    erin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr(tools, "usage", lambda: asked.append(1) or {})
    erin.get(LIST)
    assert asked == [1]


def test_without_an_app_that_records_calls_nothing_was_ever_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tool_usage, "_sources", [])
    assert tool_usage.usage() == {}


def test_tools_are_neither_added_nor_deleted_by_hand(erin: Client) -> None:
    assert erin.get(reverse("admin:catalog_tool_add")).status_code == 403
    known = Tool.objects.get(name="end_call")
    assert erin.post(reverse("admin:catalog_tool_delete", args=(known.pk,))).status_code == 403


def test_a_row_whose_tool_is_gone_can_be_deleted(erin: Client) -> None:
    gone = Tool.objects.create(name="send_fax")
    for url in (LIST, change(gone)):
        assert "no longer part of the code" in erin.get(url).content.decode()
    erin.post(reverse("admin:catalog_tool_delete", args=(gone.pk,)), {"post": "yes"})
    assert not Tool.objects.filter(name="send_fax").exists()


def test_a_reader_sees_everything_and_changes_nothing(db: None) -> None:
    rita = reader()
    page = rita.get(LIST).content.decode()
    assert "prompt tokens at every turn" in page and "form-0-stage" not in page
    before = set(Tool.objects.values_list("name", "stage", "enabled"))
    rita.post(LIST, list_form(get_current_time="full", end_call=""))
    tool = Tool.objects.get(name="end_call")
    assert rita.post(change(tool), {"stage": "full"}).status_code == 403
    assert set(Tool.objects.values_list("name", "stage", "enabled")) == before
