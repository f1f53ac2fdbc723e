"""Tools that agents are not offered although somebody made them, as Django system checks."""

from collections.abc import Iterable
from typing import Any

from django.core.checks import CheckMessage, Warning
from django.utils.translation import gettext as _

from catalog.models import HttpTool
from catalog.tools.custom import custom_files
from catalog.tools.http import HttpToolUnusable, http_tool_spec


def http_tools() -> Iterable[CheckMessage]:
    for tool in HttpTool.objects.prefetch_related("parameters"):
        try:
            http_tool_spec(tool, list(tool.parameters.all()))
        except HttpToolUnusable as error:
            yield Warning(
                _("No agent is offered the HTTP tool %(tool)s. %(why)s")
                % {"tool": tool, "why": error},
                hint=_("Put that right in the admin, or delete the tool."),
                obj=tool,
                id="catalog.W010",
            )


def custom_tools(**_options: Any) -> list[CheckMessage]:
    """Needs no database, so it runs with every command that runs checks."""
    files = custom_files()
    found: list[CheckMessage] = [
        Warning(
            _("The tool file %(file)s is broken: no agent is offered its tools.")
            % {"file": broken.name}
            + f"\n{broken.traceback}",
            hint=_("Mend the file in %(folder)s, then start the process again.")
            % {"folder": files.folder},
            id="catalog.W011",
        )
        for broken in files.broken
    ]
    if files.is_missing:
        found.append(
            Warning(
                _("CUSTOM_TOOLS_DIR, %(folder)s, is not a folder that can be read.")
                % {"folder": files.folder},
                hint=_("Make the folder, or set the variable to nothing."),
                id="catalog.W012",
            )
        )
    return found
