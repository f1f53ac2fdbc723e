"""Keeps one row in the database for each tool in the code."""

from catalog.models import Tool
from catalog.tools.registry import all_tools


def sync_tools() -> None:
    """Adds what is missing. A row whose tool is gone stays: its settings return with the tool."""
    known = set(Tool.objects.values_list("name", flat=True))
    for spec in all_tools():
        if spec.name not in known:
            Tool.objects.get_or_create(name=spec.name, defaults={"stage": spec.default_stage})
