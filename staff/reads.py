"""Admin pages that show what somebody said, or who somebody is: whoever looks is written down.

In the audit log alone: Django's own log of the admin would keep names for ever.
"""

from typing import Any

from auditlog import get_logentry_model
from auditlog.signals import accessed
from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse


class AuditedReads:
    """For a ModelAdmin, before its base. A list is no read; a search in texts and a page are."""

    model: Any

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """Nothing: the audit log has it, without a name."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """Nothing: the audit log has it, without a name."""

    def log_deletions(self, request: HttpRequest, queryset: Any) -> None:
        """Nothing: the audit log has it, without a name."""

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        response: HttpResponse = super().changelist_view(  # type: ignore[misc]
            request, extra_context
        )
        # Not what was searched for: it is as personal as what was found.
        if request.GET.get("q") and isinstance(response, TemplateResponse):
            found = (response.context_data or {})["cl"].result_count
            entries = get_logentry_model()
            entries.objects.create(
                content_type=ContentType.objects.get_for_model(self.model),
                action=entries.Action.ACCESS,
                additional_data={"found": found},
            )
        return response

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, obj: Any = None, **kwargs: Any
    ) -> HttpResponse:
        if obj is not None:
            accessed.send(sender=self.model, instance=obj)
        response: HttpResponse = super().render_change_form(  # type: ignore[misc]
            request, context, *args, obj=obj, **kwargs
        )
        return response
