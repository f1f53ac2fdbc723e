"""Revisions: what went live when and by whom, who answers calls from it, and the way back."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin
from unfold.decorators import display

from catalog.models import CatalogRevision
from catalog.publishing import CannotPublish, roll_back_to
from catalog.revision_changes import one_before, revision_changes
from catalog.serving import Serving, serving
from catalog.serving_line import serving_line


@admin.register(CatalogRevision)
class RevisionAdmin(ModelAdmin):
    list_display = ("number", "created_at", "author", "happened", "state", "way_back")
    list_display_links = ("number",)
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

    # Nobody may make, edit or delete one: it is what callers were served from. ------------------

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

    # The list -----------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[CatalogRevision]:
        revisions: QuerySet[CatalogRevision] = super().get_queryset(request)
        return revisions.defer("document")

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        # Of this request: an admin is shared by all of them, and its columns are told only the row.
        self._rows = _Rows(serving(), self.has_roll_back_permission(request))
        response: HttpResponse = super().changelist_view(request, extra_context)
        return response
