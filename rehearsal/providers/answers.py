"""What the scripted receptionist can do: say something, or call a tool. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Say:
    text: str


@dataclass(frozen=True, slots=True)
class CallTool:
    name: str
    arguments: Mapping[str, object] = field(default_factory=dict)


Answer = Say | CallTool
