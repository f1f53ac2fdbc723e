"""Every tool an agent can use, by name."""

import inspect
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel

from catalog.stages import Stage
from catalog.tools.context import ToolOutcome
from catalog.tools.parameters import Schema, checked, model_of, schema_of

Handler = Callable[..., Awaitable[ToolOutcome]]
HandlerT = TypeVar("HandlerT", bound=Handler)

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")  # OpenAI refuses others
_registered: dict[str, "ToolSpec"] = {}


@dataclass(frozen=True, slots=True)
class ToolSpec:
    name: str
    description: str
    parameters: Schema = field(hash=False)
    handler: Handler
    timeout_seconds: float = 5.0
    changes_something: bool = False
    may_repeat: bool = True
    default_stage: Stage = Stage.FULL
    arguments_model: type[BaseModel] | None = None

    def check_arguments(self, arguments: Mapping[str, object]) -> Mapping[str, Any]:
        """The arguments for `handler(context, **arguments)`, or ToolArgumentsError."""
        if self.arguments_model is None:
            return dict(arguments)
        return checked(self.arguments_model, arguments)


def tool(
    *,
    stage: Stage,
    timeout_seconds: float = 5.0,
    changes_something: bool = False,
    may_repeat: bool = True,
) -> Callable[[HandlerT], HandlerT]:
    """Make `async def name(context: ToolContext, ...) -> ToolOutcome` a tool of that name."""

    def register(handler: HandlerT) -> HandlerT:
        model = model_of(handler)
        spec = ToolSpec(
            name=handler.__name__,
            description=_description(handler),
            parameters=schema_of(model),
            handler=handler,
            timeout_seconds=timeout_seconds,
            changes_something=changes_something,
            may_repeat=may_repeat,
            default_stage=stage,
            arguments_model=model,
        )
        if not _NAME.fullmatch(spec.name) or spec.name in _registered:
            raise ValueError(f"The tool name {spec.name} is taken or not of [a-z0-9_].")
        _registered[spec.name] = spec
        return handler

    return register


def all_tools() -> tuple[ToolSpec, ...]:
    return tuple(sorted(_registered.values(), key=lambda spec: spec.name))


def lookup(name: str) -> ToolSpec | None:
    return _registered.get(name)


def _description(handler: Handler) -> str:
    """The first paragraph of the docstring: it is all the model knows of the tool."""
    text = inspect.getdoc(handler) or ""
    if not text:
        raise ValueError(f"The tool {handler.__name__} has no docstring to describe it.")
    return " ".join(text.split("\n\n")[0].split())
