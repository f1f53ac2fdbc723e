"""Tools that staff make without code: one HTTP request each."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from catalog.models import HttpTool, HttpToolParameter
from catalog.tools import outbound
from catalog.tools.headers import HeadersUnusable, header_lines
from catalog.tools.http_bodies import body_template
from catalog.tools.http_call import HttpCall
from catalog.tools.http_urls import url_template
from catalog.tools.http_values import TemplateUnusable
from catalog.tools.registry import NAME, lookup
from catalog.tools.schema_check import SchemaCheck, SchemaUnusable
from catalog.tools.spec import Source, ToolSpec

LONGEST_TEXT = 500  # characters of one parameter
MOST_PARAMETERS = 12


class HttpToolUnusable(Exception):
    """No tool can be made of this row; the message is a sentence for staff."""


def http_tool_specs(
    rows: Iterable[HttpTool], parameters: Iterable[HttpToolParameter]
) -> tuple[ToolSpec, ...]:
    """Rows as they stand in a document, not attached to the database.

    A row that cannot be used is left out. Called where a moment's work delays nobody.
    """
    of_tool: dict[int, list[HttpToolParameter]] = defaultdict(list)
    for parameter in parameters:
        of_tool[parameter.tool_id].append(parameter)
    specs = []
    for row in rows:
        with suppress(HttpToolUnusable):  # Its page and the system checks say why.
            specs.append(http_tool_spec(row, of_tool[row.pk]))
    if specs:
        with suppress(OSError):  # Each request will say so.
            outbound.tls_context(settings.TOOL_CA_FILE)  # Made here, or within the first request.
    return tuple(specs)


def http_tool_spec(row: HttpTool, parameters: Sequence[HttpToolParameter]) -> ToolSpec:
    """Raises HttpToolUnusable."""
    if lookup(row.name) is not None or not NAME.fullmatch(row.name):
        raise HttpToolUnusable(_("Another tool has the name %(name)s.") % {"name": row.name})
    call = http_call(row)
    check_places(call, parameters)
    schema = schema_of(call, parameters)
    try:
        schema_check = SchemaCheck(schema)
    except SchemaUnusable as error:
        raise HttpToolUnusable(str(error)) from error
    return ToolSpec(
        name=row.name,
        description=" ".join(row.description.split()),
        parameters=schema,
        handler=call,
        timeout_seconds=call.timeout_seconds,
        changes_something=row.changes_something,
        may_repeat=not row.changes_something,
        source=Source.HTTP,
        origin=call.url.origin,
        schema_check=schema_check,
    )


def http_call(row: HttpTool) -> HttpCall:
    """The request of the row, whatever its parameters. Raises HttpToolUnusable."""
    if row.method not in HttpTool.Method.values:
        raise HttpToolUnusable(_("There is no method %(name)s.") % {"name": row.method})
    try:
        header_lines(row.headers)
        url, body = url_template(row.url), body_template(row.body)
    except (HeadersUnusable, TemplateUnusable) as error:
        raise HttpToolUnusable(str(error)) from error
    if body is not None and row.method == HttpTool.Method.GET:
        raise HttpToolUnusable(_("A GET request has no body. Choose POST, or empty the body."))
    return HttpCall(
        name=row.name,
        method=row.method,
        url=url,
        headers=row.headers,
        body=body,
        timeout_seconds=min(row.timeout_seconds, outbound.DEADLINE_SECONDS),
        changes_something=row.changes_something,
    )


def check_places(call: HttpCall, parameters: Sequence[HttpToolParameter]) -> None:
    """Each place has its parameter, and each parameter its place. Raises HttpToolUnusable."""
    known = {parameter.name for parameter in parameters}
    places = [*call.url.names, *(call.body.names if call.body is not None else ())]
    unknown = list(dict.fromkeys(name for name in places if name not in known))
    if unknown:
        raise HttpToolUnusable(
            _("Nothing is known of %(names)s: add a parameter of that name.")
            % {"names": ", ".join(f"{{{name}}}" for name in unknown)}
        )
    optional = {parameter.name for parameter in parameters if not parameter.required}
    for name in call.url.names_in_path:
        if name in optional:
            raise HttpToolUnusable(
                _("%(name)s stands in the path of the address: it has to be required.")
                % {"name": name}
            )
    for parameter in parameters:
        if parameter.name not in places:
            raise HttpToolUnusable(
                _("%(name)s is sent nowhere: write {%(name)s} into the address or the body.")
                % {"name": parameter.name}
            )
    if len(known) > MOST_PARAMETERS:
        raise HttpToolUnusable(
            _("A tool has %(most)d parameters at most.") % {"most": MOST_PARAMETERS}
        )


def schema_of(call: HttpCall, parameters: Sequence[HttpToolParameter]) -> Mapping[str, Any]:
    return {
        "type": "object",
        "properties": {
            parameter.name: _property(parameter, parameter.name in call.url.names_in_path)
            for parameter in parameters
        },
        "required": [parameter.name for parameter in parameters if parameter.required],
        "additionalProperties": False,
    }


def _property(parameter: HttpToolParameter, in_path: bool) -> dict[str, Any]:
    described: dict[str, Any] = {"type": parameter.kind}
    if parameter.description:
        described["description"] = parameter.description
    if parameter.kind == HttpToolParameter.Kind.TEXT:
        described["maxLength"] = LONGEST_TEXT
        if in_path:
            described["minLength"] = 1
    return described
