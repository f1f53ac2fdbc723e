"""Who is told of calls, and how each delivery went."""

from contextlib import suppress
from typing import Any

import httpx2
from auditlog import get_logentry_model
from django import forms
from django.contrib import admin, messages
from django.contrib.admin.exceptions import NotRegistered
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django_tasks_db.models import DBTaskResult
from unfold.admin import ModelAdmin

from calls.aftercare.deliveries import send_again
from calls.aftercare.outgoing import post, test_message
from calls.models import DeliveryState, Webhook, WebhookDelivery
from catalog.models import Agent
from catalog.tools.outbound import refusal

FEWEST_OF_A_SECRET = 16

with suppress(NotRegistered):
    # Tasks name calls and nothing a receptionist could act on: deliveries are what is looked at.
    admin.site.unregister(DBTaskResult)


class WebhookForm(forms.ModelForm):  # type: ignore[type-arg]
    """The secret is shown while it is made, and never again."""

    agent_key = forms.TypedChoiceField(
        label=_("Agent"), coerce=int, empty_value=None, required=False
    )

    class Meta:
        model = Webhook
        fields = ("name", "url", "secret", "agent_key", "with_words", "enabled")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        agents = Agent.objects.values_list("pk", "name")
        if "agent_key" in self.fields:  # not for who may only look
            self.fields["agent_key"].choices = [("", _("Every agent")), *agents]  # type: ignore[attr-defined]
        if self.instance.pk and "secret" in self.fields:
            self.initial["secret"] = ""
            self.fields["secret"].required = False
            self.fields["secret"].help_text = _("Empty: it stays as it is.")

    def clean_url(self) -> str:
        url = str(self.cleaned_data["url"])
        try:
            refused = refusal(httpx2.URL(url))
        except httpx2.InvalidURL:
            refused = str(_("This is no address such as https://example.org/path."))
        if refused is not None:
            raise forms.ValidationError(refused)
        return url

    def clean_secret(self) -> str:
        secret = str(self.cleaned_data["secret"])
        if secret and len(secret) < FEWEST_OF_A_SECRET:
            said = _("A secret of fewer than %(fewest)d characters is soon guessed.")
            raise forms.ValidationError(said % {"fewest": FEWEST_OF_A_SECRET})
        return secret or self.instance.secret


@admin.register(Webhook)
class WebhookAdmin(ModelAdmin):
    form = WebhookForm
    list_display = ("name", "url", "enabled")
    actions = ("send_a_test",)

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return () if self.has_change_permission(request, obj) or obj is None else ("secret",)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        # The log of its deliveries goes with it, though nobody may delete a line of that log.
        gone, counts, _perms_needed, protected = super().get_deleted_objects(objs, request)
        return gone, counts, set(), protected

    @admin.action(description=_("Send a test"), permissions=("change",))
    def send_a_test(self, request: HttpRequest, queryset: QuerySet[Webhook]) -> None:
        for webhook in queryset:
            delivery_id, body = test_message()
            answer = post(webhook.url, webhook.secret, delivery_id, body)
            if answer.accepted:
                said = _("%(name)s has taken the test.") % {"name": webhook.name}
                self.message_user(request, said, messages.SUCCESS)
            else:
                said = _("%(name)s did not take the test: %(problem)s.") % {
                    "name": webhook.name,
                    "problem": answer.problem,
                }
                self.message_user(request, said, messages.ERROR)


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ModelAdmin):
    list_display = (
        "created_at",
        "webhook",
        "call",
        "state",
        "attempts",
        "answer_status",
        "problem",
        "next_attempt_at",
    )
    list_filter = ("state", "webhook")
    list_select_related = ("webhook", "call")
    show_full_result_count = False
    actions = ("send_again",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_send_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("calls.change_webhook")

    @admin.action(description=_("Send again"), permissions=("send",))
    def send_again(self, request: HttpRequest, queryset: QuerySet[WebhookDelivery]) -> None:
        for delivery in queryset:
            send_again(delivery)
            _write_down(delivery)
        count = len(queryset)
        said = ngettext(
            "%(count)d delivery is sent again.", "%(count)d deliveries are sent again.", count
        )
        self.message_user(request, said % {"count": count})


def _write_down(delivery: WebhookDelivery) -> None:
    """In the audit log, where tasks that send write nothing."""
    entries = get_logentry_model()
    entries.objects.create(
        content_type=ContentType.objects.get_for_model(WebhookDelivery),
        object_pk=str(delivery.pk),
        object_id=delivery.pk,
        object_repr=str(delivery),
        action=entries.Action.UPDATE,
        changes={"state": [delivery.state, DeliveryState.WAITING.value]},
    )
