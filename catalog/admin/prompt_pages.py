"""What can be done with versions of a prompt: compare two, publish one."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin

from catalog.admin.live_message import say_it_is_live
from catalog.models import Prompt, PromptVersion
from catalog.publishing import CannotPublish, publish_prompt_version
from catalog.text_diff import side_by_side


class PromptPages:
    """The URLs below a prompt's own, for the admin of prompts to include."""

    def __init__(self, admin: ModelAdmin) -> None:
        self._admin = admin

    def urls(self) -> list[URLPattern]:
        guarded = self._admin.admin_site.admin_view
        return [
            path("<int:pk>/compare", guarded(self.compare), name="catalog_prompt_compare"),
            path(
                "versions/<int:pk>/publish",
                guarded(require_POST(self.publish)),
                name="catalog_promptversion_publish",
            ),
        ]

    def compare(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Two versions side by side: ?before=1&after=3, by default the live and the newest one."""
        if not self._admin.has_view_permission(request):
            raise PermissionDenied
        prompt = get_object_or_404(Prompt, pk=pk)
        versions = list(prompt.versions.order_by("-version"))
        if not versions:
            raise Http404
        after = _asked(request, "after", versions) or versions[0]
        usual = prompt.published if prompt.published != after else _one_before(after, versions)
        before = _asked(request, "before", versions) or usual or after
        return TemplateResponse(
            request,
            "catalog/prompt_compare.html",
            {
                **self._admin.admin_site.each_context(request),
                "title": prompt.name,
                "subtitle": _("Versions compared"),
                "opts": Prompt._meta,
                "prompt": prompt,
                "versions": versions,
                "before": before,
                "after": after,
                "rows": side_by_side(before.text, after.text),
            },
        )

    def publish(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self._admin.has_change_permission(request):
            raise PermissionDenied
        version = get_object_or_404(PromptVersion.objects.select_related("prompt"), pk=pk)
        try:
            with transaction.atomic():
                publish_prompt_version(version)
        except CannotPublish as error:
            messages.error(request, str(error))
        else:
            say_it_is_live(request, version)
        return HttpResponseRedirect(
            reverse("admin:catalog_prompt_change", args=(version.prompt_id,))
        )


def _asked(request: HttpRequest, name: str, versions: list[PromptVersion]) -> PromptVersion | None:
    asked = request.GET.get(name, "")
    return next((version for version in versions if str(version.version) == asked), None)


def _one_before(after: PromptVersion, versions: list[PromptVersion]) -> PromptVersion | None:
    return next((version for version in versions if version.version < after.version), None)
