"""Revisions: what went live when and by whom, who answers calls from it, and the way back."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin

from catalog.admin.revision_columns import RevisionColumns
from catalog.models import CatalogRevision
from catalog.publishing import CannotPublish, roll_back_to
from catalog.revision_changes import one_before, revision_changes
from catalog.serving import serving
from catalog.serving_line import serving_line


@admin.register(CatalogRevision)
class RevisionAdmin(ModelAdmin):
    list_per_page = 50
    search_fields = ("cause", "author_name")
    actions = None
    empty_state = _("A revision is made each time something that callers hear is published.")

    def get_urls(self) -> list[URLPattern]:
        guarded = self.admin_site.admin_view
        return [
            path(
                "serving.json",
                guarded(self.serving_json),
                name="catalog_catalogrevision_serving",
            ),
            path(
                "<int:pk>/roll-back",
                guarded(require_POST(self.roll_back)),
                name="catalog_catalogrevision_roll_back",
            ),
            *super().get_urls(),
        ]

    # Nobody may make, edit or delete one: it is what callers were served from.

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(
        self, request: HttpRequest, obj: CatalogRevision | None = None
    ) -> bool:
        return False

    def has_delete_permission(
        self, request: HttpRequest, obj: CatalogRevision | None = None
    ) -> bool:
        return False

    def has_roll_back_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("catalog.change_catalogrevision"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[CatalogRevision]:
        revisions: QuerySet[CatalogRevision] = super().get_queryset(request)
        return revisions.defer("document")

    def get_list_display(self, request: HttpRequest) -> tuple[Any, ...]:
        columns = RevisionColumns(may_roll_back=self.has_roll_back_permission(request))
        return (
            columns.number,
            columns.state,
            columns.happened,
            columns.author,
            "created_at",
            columns.way_back,
        )

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """What it changed, and what rolling back to it would change."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        revision = get_object_or_404(CatalogRevision, pk=_number(object_id))
        now = serving()
        is_newest = revision.pk == now.newest
        before = one_before(revision)
        newest = None if is_newest else CatalogRevision.objects.get(pk=now.newest)
        return TemplateResponse(
            request,
            "catalog/revision.html",
            {
                **self.admin_site.each_context(request),
                "title": str(revision),
                "opts": CatalogRevision._meta,
                "original": revision,
                "revision": revision,
                "before": before,
                "newest": newest,
                "processes": now.on(revision.pk),
                "changed": revision_changes(before, revision),
                "undone": revision_changes(newest, revision) if newest is not None else None,
                "may_roll_back": not is_newest and self.has_roll_back_permission(request),
                **(extra_context or {}),
            },
        )

    def roll_back(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.has_roll_back_permission(request):
            raise PermissionDenied
        revision = get_object_or_404(CatalogRevision, pk=pk)
        newest_before = CatalogRevision.objects.latest().pk
        try:
            roll_back_to(revision)
        except CannotPublish as error:
            messages.error(request, str(error))
        else:
            _tell(request, revision.pk, newest_before)
        return HttpResponseRedirect(reverse("admin:catalog_catalogrevision_changelist"))

    def serving_json(self, request: HttpRequest) -> JsonResponse:
        """The line that stands on every page, for the script that keeps it up to date."""
        line = serving_line(request)
        told = {"html": line.html, "key": line.key, "poll_ms": line.poll_ms}
        return JsonResponse(told, headers={"Cache-Control": "no-store"})


def _number(object_id: str) -> int:
    return int(object_id) if object_id.isdecimal() and len(object_id) < 19 else 0


def _tell(request: HttpRequest, number: int, newest_before: int) -> None:
    newest = CatalogRevision.objects.latest().pk
    if newest == newest_before:
        messages.info(
            request,
            _now("Callers get what they got at revision %(number)s already: nothing was changed.")
            % {"number": number},
        )
    else:
        messages.success(
            request,
            _now("Rolled back to revision %(number)s, which is published again as %(newest)s.")
            % {"number": number, "newest": newest},
        )
