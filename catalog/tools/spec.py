"""A tool, wherever it comes from: what the model is told of it, and how it is run."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from pydantic import BaseModel

from catalog.stages import Stage
from catalog.tools.context import ToolOutcome
from catalog.tools.parameters import Schema, checked
from catalog.tools.schema_check import SchemaCheck

Handler = Callable[..., Awaitable[ToolOutcome]]


class Source(StrEnum):
    BUILT_IN = "built-in"
    CUSTOM = "custom"  # a file of CUSTOM_TOOLS_DIR
    HTTP = "http"
    MCP = "mcp"


class Needs(StrEnum):
    """Without it, the tool is not offered: the model would promise what cannot be done."""

    TRANSFER_TARGETS = "transfer-targets"
    WHATSAPP = "whatsapp"


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """`handler(context, **arguments)` gives a ToolOutcome or raises ToolError."""

    name: str
    description: str
    parameters: Schema = field(hash=False)
    handler: Handler
    timeout_seconds: float = 5.0
    changes_something: bool = False
    may_repeat: bool = True  # whether the same arguments may be carried out twice in one call
    most_runs: int = 10  # in one call
    leaves_the_call: bool = False  # never run by a reply that the caller interrupted
    needs: Needs | None = None
    aliases: tuple[str, ...] = ()  # other names the model may call it by
    source: Source = Source.BUILT_IN
    origin: str = ""  # the file, or the server
    default_stage: Stage = Stage.FULL
    arguments_model: type[BaseModel] | None = None  # None: checked against `parameters`
    schema_check: SchemaCheck | None = field(default=None, hash=False, compare=False)

    def check_arguments(self, arguments: Mapping[str, object]) -> Mapping[str, Any]:
        """The arguments for `handler`, or ToolArgumentsError."""
        if self.arguments_model is not None:
            return checked(self.arguments_model, arguments)
        if self.schema_check is not None:
            self.schema_check.check(arguments)
        return dict(arguments)
