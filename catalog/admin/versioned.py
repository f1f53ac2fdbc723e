"""What clips and prompts have in common: drafts, one published version, and none ever lost."""

from typing import Any, ClassVar, Protocol

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import action
from unfold.enums import ActionVariant

from catalog.admin.live_message import say_it_is_live
from catalog.models import Clip, Prompt, PromptVersion, Recording
from catalog.publishing import CannotPublish

SAVE_AND_PUBLISH = "save_and_publish"


class Publish(Protocol):
    """Raises CannotPublish."""

    def __call__(self, version: Any, /) -> None: ...


class VersionedAdmin(ModelAdmin):
    """After saving, the same page is shown again: what was saved wants to be heard or read."""

    actions: Any = None
    actions_submit_line = (SAVE_AND_PUBLISH,)
    change_form_show_cancel_button = True

    # For each of the two to say.
    versions_name: ClassVar[str]  # of the relation that leads to the versions
    draft_saved: ClassVar[Any]  # a sentence with %(version)d
    publish_version: ClassVar[Publish]

    def page_context(self, owner: Any | None) -> dict[str, Any]:
        """What the page shows besides the form; `owner` is None for a new one."""
        raise NotImplementedError

    def has_delete_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        # A revision that is rolled back to needs every version that was ever published.
        kept = (
            obj is not None
            and getattr(obj, self.versions_name).filter(published_at__isnull=False).exists()
        )
        return not kept and bool(super().has_delete_permission(request, obj))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        context: dict[str, Any] = {
            "show_save_and_add_another": False,
            "show_save_and_continue": False,
            # The theme offers these only for what was saved before.
            "actions_submit_line": self.get_actions_submit_line(request, object_id),
            **self.page_context(self.get_object(request, object_id) if object_id else None),
            **(extra_context or {}),
        }
        response: HttpResponse = super().changeform_view(request, object_id, form_url, context)
        return response

    def is_publishing(self, request: HttpRequest) -> bool:
        return f"catalog_{self.opts.model_name}_{SAVE_AND_PUBLISH}" in request.POST

    @action(
        description=_("Save and publish"), variant=ActionVariant.PRIMARY, permissions=["change"]
    )
    def save_and_publish(self, request: HttpRequest, obj: Clip | Prompt) -> None:
        newest = obj.newest
        if newest is None or newest == obj.published:
            return
        try:
            type(self).publish_version(newest)
        except CannotPublish as error:
            messages.error(request, str(error))

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        if "_popup" in request.POST:
            response: HttpResponse = super().response_add(request, obj, post_url_continue)
            return response
        return self._after_saving(request, obj)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        if "_popup" in request.POST:
            response: HttpResponse = super().response_change(request, obj)
            return response
        return self._after_saving(request, obj)

    def _after_saving(self, request: HttpRequest, owner: Clip | Prompt) -> HttpResponseRedirect:
        owner.refresh_from_db()
        newest: Recording | PromptVersion | None = owner.newest
        if newest is not None and newest != owner.published:
            messages.info(request, self.draft_saved % {"version": newest.version})
        elif newest is not None and self.is_publishing(request):
            say_it_is_live(request, newest)
        else:
            messages.success(request, _now("Saved."))
        page = f"admin:catalog_{self.opts.model_name}_change"
        return HttpResponseRedirect(reverse(page, args=(owner.pk,)))
