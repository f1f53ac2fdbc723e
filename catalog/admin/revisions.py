"""Revisions."""

from django.contrib import admin
from unfold.admin import ModelAdmin

from catalog.models import CatalogRevision


@admin.register(CatalogRevision)
class RevisionAdmin(ModelAdmin):
    list_display = ("pk", "cause", "author_name", "created_at")
