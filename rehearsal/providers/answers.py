"""What a scripted model can do: say something, or call a tool. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Say:
    text: str


@dataclass(frozen=True, slots=True)
class CallTool:
    """`written` stands in the place of arguments that are no JSON object."""

    name: str
    arguments: Mapping[str, object] = field(default_factory=dict)
    written: str = ""
    beside: tuple["CallTool", ...] = ()  # others in the same answer

    @property
    def arguments_text(self) -> str:
        return self.written or json.dumps(dict(self.arguments), ensure_ascii=False)


Answer = Say | CallTool
