"""A remote server and its tools as one process sees them: what the admin is told. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from catalog.tools.parameters import Schema


@dataclass(frozen=True, slots=True)
class SeenTool:
    """`problem` says why it is not offered, and is empty when it is.

    `name` is the one it is offered by, or the server's own name for what cannot be offered.
    """

    name: str
    description: str = ""
    parameters: Schema = field(default_factory=dict, hash=False)
    changes_something: bool = True
    problem: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def seen_tool(kept: object) -> SeenTool | None:
    """What as_json() gave; None for what a process of another version may have written."""
    if not isinstance(kept, Mapping) or not isinstance(kept.get("name"), str):
        return None
    parameters = kept.get("parameters")
    return SeenTool(
        name=kept["name"],
        description=str(kept.get("description", "")),
        parameters=parameters if isinstance(parameters, dict) else {},
        changes_something=bool(kept.get("changes_something", True)),
        problem=str(kept.get("problem", "")),
    )


@dataclass(frozen=True, slots=True)
class ServerState:
    """`problem` is the last one, a sentence for staff, also when it is connected again.

    While it is down, `tools` are those it had last.
    """

    name: str
    connected: bool
    problem: str
    tools: tuple[SeenTool, ...]
    since: datetime  # when it was connected, or was lost
