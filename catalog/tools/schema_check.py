"""The check of arguments against a JSON Schema that did not come from our code."""

from collections.abc import Mapping

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError
from referencing import Registry
from referencing.exceptions import Unresolvable

from catalog.tools.parameters import Schema, ToolArgumentsError

MOST_PROBLEMS = 3


class SchemaUnusable(Exception):
    """This is not a JSON Schema that arguments can be checked against."""


class SchemaCheck:
    """Built once, when the tool becomes known. Raises SchemaUnusable for a schema that is none."""

    def __init__(self, schema: Schema) -> None:
        if schema.get("type", "object") != "object":
            raise SchemaUnusable("The arguments of a tool are an object.")
        try:
            Draft202012Validator.check_schema(dict(schema))
        except SchemaError as error:
            raise SchemaUnusable(error.message[:200]) from error
        # An empty registry: nothing is ever fetched for a "$ref".
        self._validator = Draft202012Validator(dict(schema), registry=Registry())

    def check(self, arguments: Mapping[str, object]) -> None:
        """Raises ToolArgumentsError, whose message tells the model what to correct."""
        try:
            problems = sorted(
                self._validator.iter_errors(dict(arguments)), key=lambda error: error.json_path
            )
        except (Unresolvable, RecursionError) as error:
            raise ToolArgumentsError("The arguments cannot be checked.") from error
        if problems:
            raise ToolArgumentsError(
                "; ".join(
                    f"{problem.json_path.removeprefix('$.')}: {problem.message[:200]}"
                    for problem in problems[:MOST_PROBLEMS]
                )
            )
