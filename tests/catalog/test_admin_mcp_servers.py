"""The pages of remote MCP servers, and their tools in the list of tools."""

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.checks import Warning as CheckWarning
from django.test import Client
from django.urls import reverse

from catalog import checks
from catalog.known_tools import known_tool
from catalog.mcp_presence import McpPresence
from catalog.models import CatalogRevision, McpServer, Tool
from catalog.presence import Presence
from catalog.stages import Stage
from catalog.tools.mcp_seen import SeenTool, ServerState
from catalog.tools.spec import Source
from staff.models import AuditEntry
from tests.catalog.studio import editor, errors_of, reader

LIST, ADD = "/admin/catalog/mcpserver/", "/admin/catalog/mcpserver/add/"
TOOLS = "/admin/catalog/tool/"
SINCE = datetime(2026, 3, 9, 12, tzinfo=UTC)
SCHEMA = {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]}
SEARCH = SeenTool("crm_search", "Search the customer records.", SCHEMA, False)
ORDER = SeenTool("crm_order", "Order something.", {"type": "object", "properties": {}}, True)
ODD = SeenTool("odd", problem="Its parameters are no JSON Schema.")


@pytest.fixture
def erin(db: None) -> Client:
    return editor()


@pytest.fixture
def crm(db: None) -> McpServer:
    return McpServer.objects.create(
        name="crm", url="https://crm.example.org/mcp", stage=Stage.ESSENTIAL
    )


def process(*, connected: bool, problem: str = "", tools: tuple[SeenTool, ...] = ()) -> None:
    presence = Presence(process_id=uuid.uuid4().hex)
    presence.show(1, "")
    McpPresence().show(
        presence.process_id, {"crm": ServerState("crm", connected, problem, tools, SINCE)}
    )


def form(**changes: str) -> dict[str, Any]:
    written = {
        "name": "crm",
        "url": "https://crm.example.org/mcp",
        "headers": "",
        "stage": "full",
        "enabled": "on",
    }
    return {**written, **changes}


def change(server: McpServer) -> str:
    return reverse("admin:catalog_mcpserver_change", args=(server.pk,))


def test_an_editor_adds_a_server_and_running_processes_are_told(
    erin: Client, django_capture_on_commit_callbacks: Any, settings: Any
) -> None:
    settings.TOOL_SECRETS = {"TOOL_SECRET_CRM": "hush"}
    before = CatalogRevision.objects.latest().pk
    with django_capture_on_commit_callbacks(execute=True):
        answer = erin.post(ADD, form(headers="Authorization: Bearer {TOOL_SECRET_CRM}"))
    assert answer.status_code == 302
    assert McpServer.objects.get().headers == "Authorization: Bearer {TOOL_SECRET_CRM}"
    assert CatalogRevision.objects.latest().pk > before
    assert "hush" not in str(CatalogRevision.objects.latest().document)


@pytest.mark.parametrize(
    ("field", "written", "words"),
    [
        ("url", "http://crm.example.org/mcp", "https://"),
        ("url", "crm.example.org", "https://"),
        ("url", "https://user:hush@crm.example.org/mcp", "as a header"),
        ("url", "https://crm.example.org/{customer}/mcp", "in braces"),
        ("url", "https://[crm", "no address"),
        ("name", "Our CRM", "Small letters"),
        ("headers", "Authorization: Bearer {TOOL_SECRET_NONE}", "TOOL_SECRET_NONE"),
        ("headers", "Authorization: Bearer {SECRET_KEY}", "TOOL_SECRET_"),
        ("headers", "no colon", "Name: value"),
    ],
)
def test_what_cannot_be_used_is_refused_with_a_sentence(
    erin: Client, field: str, written: str, words: str
) -> None:
    errors = errors_of(erin.post(ADD, form(**{field: written})))
    assert list(errors) == [field] and words in errors[field][0]
    assert not McpServer.objects.exists()


def test_a_host_that_operators_listed_may_speak_http(erin: Client, settings: Any) -> None:
    settings.TOOL_PRIVATE_HOSTS = frozenset({"crm.local:8080"})
    assert erin.post(ADD, form(url="http://crm.local:8080/mcp")).status_code == 302


def test_the_list_tells_how_many_processes_are_connected_and_what_went_wrong(
    erin: Client, crm: McpServer
) -> None:
    assert "Not tried yet" in erin.get(LIST).content.decode()
    process(connected=True, tools=(SEARCH, ORDER, ODD))
    process(connected=False, problem="It did not answer in time.")
    page = erin.get(LIST).content.decode()
    for said in ("1 of 2 processes", "2 (1 left out)", "It did not answer in time."):
        assert said in page
    McpServer.objects.update(enabled=False)
    assert "Switched off" in erin.get(LIST).content.decode()


def test_its_page_lists_its_tools_as_last_seen_and_why_some_are_left_out(
    erin: Client, crm: McpServer
) -> None:
    assert "No process has reached this server yet." in erin.get(change(crm)).content.decode()
    process(connected=False, problem="It cannot be reached.", tools=(SEARCH, ODD))
    page = erin.get(change(crm)).content.decode()
    for said in ("crm_search", SEARCH.description, "<code>query</code>", ODD.problem):
        assert said in page
    assert "It cannot be reached." in page


def test_a_reader_sees_the_page_and_cannot_change_it(crm: McpServer) -> None:
    rita = reader()
    assert rita.get(change(crm)).status_code == 200
    assert rita.post(change(crm), form(name="other")).status_code == 403


def test_the_audit_log_tells_that_the_headers_changed_and_not_to_what(
    erin: Client, crm: McpServer
) -> None:
    erin.post(change(crm), form(headers="X-Key: pasted-by-mistake"))
    entries = str(list(AuditEntry.objects.values_list("changes", flat=True)))
    assert "headers" in entries and "pasted-by-mistake" not in entries


def test_its_tools_join_the_list_of_tools_at_the_stage_of_the_server(
    erin: Client, crm: McpServer
) -> None:
    process(connected=True, tools=(SEARCH, ORDER, ODD))
    page = erin.get(TOOLS).content.decode()
    rows = dict(Tool.objects.filter(name__startswith="crm_").values_list("name", "stage"))
    assert rows == {"crm_search": "essential", "crm_order": "essential"}
    assert SEARCH.description in page and "Built in" in page
    tool = Tool.objects.get(name="crm_search")
    shown = erin.get(reverse("admin:catalog_tool_change", args=(tool.pk,))).content.decode()
    assert "<code>query</code>" in shown and "Only reads" in shown


def test_the_whole_list_costs_few_queries(
    erin: Client, crm: McpServer, django_assert_max_num_queries: Any
) -> None:
    many = tuple(SeenTool(f"crm_tool_{number}", "One.", SCHEMA) for number in range(40))
    process(connected=True, tools=many)
    erin.get(TOOLS)
    with django_assert_max_num_queries(40):
        assert erin.get(TOOLS).status_code == 200


def test_it_is_known_as_what_it_is(crm: McpServer) -> None:
    assert known_tool("crm_search") is None
    process(connected=True, tools=(SEARCH, ODD))
    known = known_tool("crm_search")
    assert known is not None
    assert (known.source, known.origin, known.changes_something) == (Source.MCP, "crm", False)
    assert known_tool("odd") is None
    assert known_tool("get_current_time") is not None
    crm.delete()
    assert known_tool("crm_search") is None


def test_a_row_of_a_server_that_is_away_is_no_leftover(erin: Client, crm: McpServer) -> None:
    Tool.objects.create(name="crm_search")
    Tool.objects.create(name="send_fax")
    found = [
        message
        for message in checks.catalog_can_answer(databases=["default"])
        if isinstance(message, CheckWarning) and message.id == "catalog.W003"
    ]
    assert [str(message.obj) for message in found] == ["send_fax"]
    page = erin.get(TOOLS).content.decode()
    assert "Its server does not list this tool at present." in page
