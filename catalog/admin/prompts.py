"""Prompts."""

from django.contrib import admin
from unfold.admin import ModelAdmin

from catalog.models import Prompt


@admin.register(Prompt)
class PromptAdmin(ModelAdmin):
    list_display = ("name",)
    search_fields = ("name",)
