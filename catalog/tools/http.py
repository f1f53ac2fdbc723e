"""Tools that staff make without code: one HTTP request each."""

from collections.abc import Iterable

from catalog.models import HttpTool, HttpToolParameter
from catalog.tools.spec import ToolSpec


def http_tool_specs(
    rows: Iterable[HttpTool], parameters: Iterable[HttpToolParameter]
) -> tuple[ToolSpec, ...]:
    """Rows as they stand in a document, not attached to the database."""
    return ()
