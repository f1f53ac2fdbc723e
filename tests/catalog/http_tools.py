"""HTTP tools for tests, saved or not, and their specs."""

from collections.abc import Sequence
from typing import Any

from catalog.models import HttpTool, HttpToolParameter
from catalog.tools.http import http_tool_spec
from catalog.tools.spec import ToolSpec


def parameter(name: str, kind: str = "string", **fields: Any) -> HttpToolParameter:
    return HttpToolParameter(name=name, kind=kind, **fields)


def http_tool(url: str, **fields: Any) -> HttpTool:
    usual = {"name": "order_status", "description": "Where an order is."}
    return HttpTool(url=url, **{**usual, **fields})


def spec_of(url: str, *parameters: HttpToolParameter, **fields: Any) -> ToolSpec:
    return http_tool_spec(http_tool(url, **fields), parameters)


def saved(url: str, parameters: Sequence[HttpToolParameter] = (), **fields: Any) -> HttpTool:
    tool = http_tool(url, **fields)
    tool.save()
    for row in parameters:
        row.tool = tool
        row.save()
    return tool
