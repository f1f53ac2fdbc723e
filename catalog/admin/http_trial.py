"""Try an HTTP tool out: the real request, and what the agent would be told of its answer."""

import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from asgiref.sync import async_to_sync
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin

from catalog.forms.http_trial import HttpTrialForm
from catalog.models import HttpTool
from catalog.tools.context import ToolOutcome, idempotency_key
from catalog.tools.http import HttpToolUnusable, http_tool_spec
from catalog.tools.http_call import HttpCallFailed
from catalog.tools.http_values import Value
from catalog.tools.parameters import ToolArgumentsError
from catalog.tools.spec import ToolSpec

MOST_SHOWN = 6_000  # characters


@dataclass(frozen=True, slots=True)
class Trial:
    """`told` is JSON, for the agent; `problem` a sentence, if there was no answer to tell."""

    ok: bool
    ms: float
    status: int | None = None
    told: str = ""
    problem: str = ""


class HttpTrialPage:
    """The URL below a tool's own, for the admin of HTTP tools to include."""

    def __init__(self, admin: ModelAdmin) -> None:
        self._admin = admin

    def urls(self) -> list[URLPattern]:
        guarded = self._admin.admin_site.admin_view(self.page)
        return [path("<int:pk>/try", guarded, name="catalog_httptool_try")]

    def page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Outside any transaction: SQLite has one writer, and a server may take five seconds."""
        if not self._admin.has_change_permission(request):
            raise PermissionDenied
        tool = get_object_or_404(HttpTool, pk=pk)
        parameters = list(tool.parameters.all())
        form, trial, problem = None, None, ""
        try:
            spec = http_tool_spec(tool, parameters)
        except HttpToolUnusable as error:
            problem = str(error)
        else:
            form = HttpTrialForm(parameters, request.POST if request.method == "POST" else None)
            if request.method == "POST" and form.is_valid():
                trial = try_out(spec, form.arguments())
        return TemplateResponse(
            request,
            "catalog/http_trial.html",
            {
                **self._admin.admin_site.each_context(request),
                "title": tool.name,
                "subtitle": _("Try it"),
                "opts": HttpTool._meta,
                "tool": tool,
                "form": form,
                "trial": trial,
                "problem": problem,
            },
        )


def try_out(spec: ToolSpec, arguments: Mapping[str, Value]) -> Trial:
    """The handler itself, as a call runs it: with checked arguments and a key of its own."""

    async def run() -> ToolOutcome:
        idempotency_key.set(uuid.uuid4().hex)
        return await spec.handler(None, **spec.check_arguments(arguments))

    started = time.monotonic()
    try:
        outcome = async_to_sync(run)()
    except HttpCallFailed as failed:
        return Trial(False, _ms_since(started), problem=failed.for_staff)
    except ToolArgumentsError as error:
        return Trial(False, _ms_since(started), problem=str(error))
    told = {"ok": outcome.ok, **outcome.data, **({"say": outcome.say} if outcome.say else {})}
    written = json.dumps(told, ensure_ascii=False, indent=2)
    if len(written) > MOST_SHOWN:
        written = written[:MOST_SHOWN] + "…"
    status = outcome.data.get("status")
    assert isinstance(status, int)
    return Trial(outcome.ok, _ms_since(started), status, written)


def _ms_since(started: float) -> float:
    return (time.monotonic() - started) * 1000.0
