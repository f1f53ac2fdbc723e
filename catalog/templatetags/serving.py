"""The line on every page of the admin that says which revision is live."""

from typing import Any

from django import template
from django.http import HttpRequest

from catalog.serving_line import serving_line

register = template.Library()


@register.inclusion_tag("catalog/serving_bar.html", takes_context=True)
def serving_bar(context: template.Context) -> dict[str, Any]:
    request: HttpRequest = context["request"]
    return {"line": serving_line(request)}
