"""How often each tool was used. The calls app knows; the catalog only asks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ToolUsage:
    runs: int
    failures: int
    last_at: datetime | None


NEVER = ToolUsage(0, 0, None)
Source = Callable[[], Mapping[str, ToolUsage]]  # by the tool's name

_sources: list[Source] = []


def count_with(source: Source) -> None:
    """Called once, when the app that records calls is loaded."""
    _sources[:] = [source]


def usage() -> Mapping[str, ToolUsage]:
    return _sources[0]() if _sources else {}
