"""The tools that a server lists, as tools that can be offered; and why some cannot."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from mcp.types import Tool, ToolAnnotations

from catalog.tools.mcp_seen import SeenTool
from catalog.tools.model_schema import tamed
from catalog.tools.parameters import Schema
from catalog.tools.registry import NAME, lookup
from catalog.tools.schema_check import SchemaCheck, SchemaUnusable
from catalog.tools.spec import Handler, Source, ToolSpec

MOST_TOOLS = 64
MOST_SCHEMA_BYTES = 16_384
MOST_DESCRIPTION_CHARS = 2_000
NAME_CHARS = 64
TIMEOUT_SECONDS = 8.0


@dataclass(frozen=True, slots=True)
class Listing:
    """`seen` has every tool, `offered` those of them that can be used."""

    offered: tuple[ToolSpec, ...]
    seen: tuple[SeenTool, ...]


class ToolUnusable(Exception):
    """This tool cannot be offered; the message is a sentence for staff."""


def listing(server_name: str, tools: Iterable[Tool], handler: Callable[[str], Handler]) -> Listing:
    """By name: an answer in another order is no change. `handler` is asked by the server's name."""
    offered: dict[str, ToolSpec] = {}
    seen: list[SeenTool] = []
    for number, tool in enumerate(tools):
        try:
            if number >= MOST_TOOLS:
                raise ToolUnusable(_("Only %(most)d tools are taken.") % {"most": MOST_TOOLS})
            spec = _spec(server_name, tool, handler)
            if spec.name in offered or lookup(spec.name) is not None:
                raise ToolUnusable(_("Another tool is called %(name)s.") % {"name": spec.name})
        except ToolUnusable as error:
            seen.append(SeenTool(_one_line(tool.name), problem=str(error)))
            continue
        offered[spec.name] = spec
        seen.append(SeenTool(spec.name, spec.description, spec.parameters, spec.changes_something))
    return Listing(
        tuple(offered[name] for name in sorted(offered)),
        tuple(sorted(seen, key=lambda tool: tool.name)),
    )


def offered_name(server_name: str, tool_name: str) -> str:
    """Raises ToolUnusable for a name of which nothing is left."""
    fitting = re.sub(r"[^a-z0-9]+", "_", tool_name.lower()).strip("_")
    name = f"{server_name}_{fitting}"[:NAME_CHARS]
    if not fitting or not NAME.fullmatch(name):
        raise ToolUnusable(_("Its name has no letters or digits that can be used."))
    return name


def _spec(server_name: str, tool: Tool, handler: Callable[[str], Handler]) -> ToolSpec:
    hints = tool.annotations or ToolAnnotations()
    changes_something = not hints.read_only_hint
    parameters = _parameters(tool.input_schema)
    return ToolSpec(
        name=offered_name(server_name, tool.name),
        description=_text(tool.description or tool.title or tool.name)[:MOST_DESCRIPTION_CHARS],
        parameters=tamed(parameters),
        handler=handler(tool.name),
        timeout_seconds=TIMEOUT_SECONDS,
        changes_something=changes_something,
        may_repeat=not changes_something or bool(hints.idempotent_hint),
        source=Source.MCP,
        origin=server_name,
        schema_check=_check(parameters),
    )


def _parameters(schema: dict[str, Any]) -> Schema:
    try:
        written = json.dumps(schema)
    except (ValueError, TypeError, RecursionError) as error:
        raise ToolUnusable(_("Its parameters are no JSON Schema.")) from error
    if "\\u0000" in written:  # PostgreSQL keeps no such character.
        raise ToolUnusable(_("Its parameters are no JSON Schema."))
    if len(written) > MOST_SCHEMA_BYTES:
        raise ToolUnusable(
            _("Its parameters take more than %(kib)d KiB.") % {"kib": MOST_SCHEMA_BYTES // 1024}
        )
    return {"type": "object", "properties": {}, **schema}


def _check(schema: Schema) -> SchemaCheck:
    try:
        SchemaCheck(schema)
        return SchemaCheck(quick_part(schema))
    except (SchemaUnusable, RecursionError) as error:
        raise ToolUnusable(_("Its parameters are no JSON Schema.")) from error


def quick_part(schema: Schema) -> Schema:
    """What can be checked at once: names, plain types and choices.

    The check runs where the sound of all calls does, and a pattern or a nest of references can
    take hours by design. The server checks the rest, and its answer tells the model what to mend.
    """
    properties = schema.get("properties")
    known = properties if isinstance(properties, Mapping) else {}
    quick: dict[str, Any] = {
        "type": "object",
        "properties": {
            name: {word: part[word] for word in ("type", "enum") if word in part}
            if isinstance(part, Mapping)
            else {}
            for name, part in known.items()
        },
    }
    if "required" in schema:
        quick["required"] = schema["required"]
    if schema.get("additionalProperties") is False and "patternProperties" not in schema:
        quick["additionalProperties"] = False
    return quick


def _text(written: str) -> str:
    return "".join(char for char in written if char.isprintable() or char == "\n").strip()


def _one_line(written: str) -> str:
    return " ".join(_text(written).split())[:NAME_CHARS]
