"""A page whose form waits for somebody else while it is checked."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_protect


class SlowForm(admin.ModelAdmin):  # type: ignore[type-arg]
    """Stands last among the bases. Whoever uses it opens the transaction in save_model.

    Django's own opens it before the form is checked. SQLite has one writer, and calls are written
    down by it: a voice that took its twenty seconds to answer would keep them all waiting.
    """

    @method_decorator(csrf_protect)
    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        response: HttpResponse = self._changeform_view(  # type: ignore[attr-defined]
            request, object_id, form_url, extra_context
        )
        return response
