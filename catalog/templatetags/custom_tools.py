"""The box above the list of tools that shows which files of one's own are broken."""

from typing import Any

from django import template

from catalog.tools.custom import custom_files

register = template.Library()


@register.inclusion_tag("catalog/custom_tool_files.html")
def custom_tool_files() -> dict[str, Any]:
    return {"files": custom_files()}
