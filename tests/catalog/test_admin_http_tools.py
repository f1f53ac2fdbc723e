"""HTTP tools in the admin: written down, with every mistake said."""

from typing import Any

import pytest
from django.core.checks import run_checks
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog.models import HttpTool, McpConnection, McpServer, ServingProcess, Tool
from staff.models import AuditEntry
from tests.catalog.factories import published_snapshot
from tests.catalog.http_tools import parameter, saved
from tests.catalog.studio import editor

ADD = "/admin/catalog/httptool/add/"
LIST = "/admin/catalog/httptool/"


@pytest.fixture
def erin(db: None) -> Client:
    return editor()


def filled_in(*parameters: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """The page of a new tool as a browser posts it."""
    form = {
        "name": "order_status",
        "description": "Where an order is.",
        "method": "GET",
        "url": "https://example.org/orders/{order}",
        "headers": "",
        "body": "",
        "timeout_seconds": "5",
        "parameters-TOTAL_FORMS": len(parameters),
        "parameters-INITIAL_FORMS": 0,
        **fields,
    }
    for index, line in enumerate(parameters):
        usual = {"kind": "string", "description": "", "required": "on"}
        for name, value in {**usual, **line}.items():
            if value is not None:
                form[f"parameters-{index}-{name}"] = value
    return form


ORDER = {"name": "order"}


def change(tool: HttpTool) -> str:
    return reverse("admin:catalog_httptool_change", args=(tool.pk,))


def test_a_tool_that_is_written_down_is_offered_to_agents(erin: Client) -> None:
    response = erin.post(ADD, filled_in(ORDER))
    tool = HttpTool.objects.get()
    assert response.headers["Location"] == change(tool)
    assert Tool.objects.get(name="order_status").stage == "full"
    offered = {tool.spec.name: tool.spec for tool in published_snapshot().tools}
    assert offered["order_status"].description == "Where an order is."


@pytest.mark.parametrize(
    ("fields", "parameters", "said"),
    [
        ({"name": "end_call"}, (ORDER,), "Another tool has the name end_call."),
        ({"name": "Order"}, (ORDER,), "Small letters"),
        ({"url": "http://example.org/{order}"}, (ORDER,), "begin with https://"),
        ({"url": "https://{order}/"}, (ORDER,), "cannot stand in the host"),
        ({"url": "https://example.org/{gone}"}, (), "Nothing is known of {gone}"),
        ({"url": "https://example.org/"}, (ORDER,), "order is sent nowhere"),
        ({}, ({"name": "order", "required": None},), "it has to be required"),
        ({}, (ORDER, ORDER), "parameter of this name|duplicate"),
        ({"method": "POST", "body": '{"a": {order}}'}, (ORDER,), "The body is not JSON"),
        ({"body": "{}"}, (ORDER,), "A GET request has no body"),
        ({"headers": "Authorization: {TOOL_SECRET_GONE}"}, (ORDER,), "TOOL_SECRET_GONE is not set"),
        ({"headers": "Authorization: {SECRET_KEY}"}, (ORDER,), "can stand in braces"),
        ({"headers": "Host: x"}, (ORDER,), "Host is set for each request"),
        ({"timeout_seconds": "6"}, (ORDER,), "less than or equal to 5"),
    ],
)
def test_a_mistake_is_said_and_nothing_is_saved(
    erin: Client, fields: dict[str, Any], parameters: tuple[dict[str, Any], ...], said: str
) -> None:
    response = erin.post(ADD, filled_in(*parameters, **fields))
    assert response.status_code == 200
    page = response.content.decode()
    assert any(sentence in page for sentence in said.split("|")), said
    assert not HttpTool.objects.exists()


def test_the_name_of_a_remote_servers_tool_is_taken(erin: Client) -> None:
    now = timezone.now()
    McpServer.objects.create(name="order", url="https://example.org/")
    process = ServingProcess.objects.create(
        process_id="a", host="here", pid=1, started_at=now, seen_at=now
    )
    McpConnection.objects.create(
        process=process, server_name="order", tools=[{"name": "order_status"}], since=now
    )
    response = erin.post(ADD, filled_in(ORDER))
    assert "Another tool has the name order_status." in response.content.decode()


def test_its_stage_goes_with_it_when_it_is_renamed_and_its_row_when_it_is_deleted(
    erin: Client,
) -> None:
    erin.post(ADD, filled_in(ORDER))
    tool = HttpTool.objects.get()
    Tool.objects.filter(name="order_status").update(stage="critical")
    line = {**ORDER, "id": tool.parameters.get().pk, "tool": tool.pk}
    form = filled_in(line, name="where_is_it", **{"parameters-INITIAL_FORMS": 1})
    assert erin.post(change(tool), form).status_code == 302
    assert Tool.objects.get(name="where_is_it").stage == "critical"
    assert not Tool.objects.filter(name="order_status").exists()
    erin.post(LIST, {"action": "delete_selected", "_selected_action": tool.pk, "post": "yes"})
    assert not HttpTool.objects.exists()
    assert not Tool.objects.filter(name="where_is_it").exists()


def test_the_list_says_which_tool_cannot_be_used_and_why(erin: Client) -> None:
    saved("https://example.org/{id}", [parameter("id")], name="works")
    saved("https://example.org/", headers="X-A: {TOOL_SECRET_GONE}", name="broken")
    page = erin.get(LIST).content.decode()
    for said in ("Can be used", "Cannot be used", "TOOL_SECRET_GONE is not set"):
        assert said in page
    (warning,) = (
        message for message in run_checks(databases=["default"]) if message.id == "catalog.W010"
    )
    assert "broken" in warning.msg and "TOOL_SECRET_GONE is not set" in warning.msg
    broken = HttpTool.objects.get(name="broken")
    assert "No agent is offered this tool." in erin.get(change(broken)).content.decode()
    assert {tool.spec.name for tool in published_snapshot().tools} >= {"works"}
    assert "broken" not in {tool.spec.name for tool in published_snapshot().tools}


def test_the_audit_log_says_that_headers_changed_and_not_to_what(erin: Client) -> None:
    erin.post(ADD, filled_in(ORDER, headers="X-Shop: Birch"))
    rows = AuditEntry.objects.filter(content_type__model__startswith="httptool")
    assert {row.content_type.model for row in rows} == {"httptool", "httptoolparameter"}
    written = " ".join(str(row.changes) for row in rows)
    assert "headers" in written and "Birch" not in written


def test_the_list_says_when_each_is_offered(erin: Client) -> None:
    saved("https://example.org/", name="without_a_row")
    saved("https://example.org/", name="early")
    saved("https://example.org/", name="off")
    Tool.objects.create(name="early", stage="critical")
    Tool.objects.create(name="off", enabled=False)
    rows = erin.get(LIST).context["cl"].result_list
    model_admin = erin.get(LIST).context["cl"].model_admin
    assert {row.name: model_admin.stage(row) for row in rows} == {
        "without_a_row": "Full",
        "early": "Critical",
        "off": "Switched off",
    }
