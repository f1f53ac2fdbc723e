"""A function's signature as the JSON Schema a model is shown, and the check of what it sends."""

import inspect
from collections.abc import Callable, Mapping
from typing import Annotated, Any, get_origin, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

Schema = Mapping[str, Any]


class ToolArgumentsError(Exception):
    """The model sent arguments that do not fit; the message tells it what to correct."""


def model_of(function: Callable[..., Any]) -> type[BaseModel]:
    """Every parameter but the first, which is the ToolContext."""
    hints = get_type_hints(function, include_extras=True)
    fields: dict[str, Any] = {}
    for parameter in list(inspect.signature(function).parameters.values())[1:]:
        if parameter.name not in hints:
            raise TypeError(f"{function.__qualname__}: {parameter.name} has no type.")
        required = parameter.default is inspect.Parameter.empty
        fields[parameter.name] = (
            _described(hints[parameter.name]),
            ... if required else parameter.default,
        )
    # No coercion of 5 to "5", but "5" for a number is taken: models do that.
    return create_model(
        function.__name__, __config__=ConfigDict(extra="forbid", protected_namespaces=()), **fields
    )


def schema_of(model: type[BaseModel]) -> Schema:
    return _without_titles(model.model_json_schema())


def checked(model: type[BaseModel], arguments: Mapping[str, object]) -> dict[str, Any]:
    try:
        parsed = model.model_validate(arguments)
    except ValidationError as error:
        problems = (
            f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"
            for problem in error.errors()
        )
        raise ToolArgumentsError("; ".join(problems)) from error
    return {name: getattr(parsed, name) for name in type(parsed).model_fields}


def _described(hint: Any) -> Any:
    """Annotated[str, "What it means"]: the plain text becomes the description."""
    if get_origin(hint) is not Annotated:
        return hint
    extras = [
        Field(description=extra) if isinstance(extra, str) else extra for extra in hint.__metadata__
    ]
    return Annotated[(hint.__origin__, *extras)]


def _without_titles(schema: dict[str, Any]) -> dict[str, Any]:
    """Pydantic titles every part with its own name again: tokens that say nothing."""
    cleaned = {key: value for key, value in schema.items() if key != "title"}
    cleaned["properties"] = {
        name: {key: value for key, value in part.items() if key != "title"}
        for name, part in schema.get("properties", {}).items()
    }
    cleaned.setdefault("required", [])
    return cleaned
