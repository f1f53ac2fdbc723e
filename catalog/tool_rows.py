"""Keeps one row in the database for each tool in the code, and of the remote servers."""

from catalog.known_tools import remote_stages
from catalog.models import Tool
from catalog.tools.registry import all_tools


def sync_tools() -> None:
    """Adds what is missing. A row whose tool is gone stays: its settings return with the tool."""
    known = set(Tool.objects.values_list("name", flat=True))
    stages: dict[str, str] = {spec.name: spec.default_stage for spec in all_tools()}
    for name, stage in (dict(remote_stages()) | stages).items():
        if name not in known:
            Tool.objects.get_or_create(name=name, defaults={"stage": stage})
