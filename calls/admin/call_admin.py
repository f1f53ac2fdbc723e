"""The list of calls, and the page of one. Nothing of a call can be edited but its review."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display

from calls import erase_page
from calls.admin import call_filters, call_search
from calls.admin.call_page import call_page, caller_of, sees_numbers
from calls.admin.call_review import form_of, keep, may_review
from calls.admin.counted import MOST_COUNTED, CallList, CallPages
from calls.dashboard import csv_file
from calls.durations import milliseconds, minutes
from calls.export import views as export_views
from calls.live_page import view as live_page_view
from calls.models import Call, CallReview, EndedBy, RecordingState
from calls.prompt_preview import prompt_preview
from calls.recording.views import recording
from calls.review_tags import tags_in_use
from staff.reads import AuditedReads

STATUS_COLOURS = {
    "ringing": "info",
    "in-progress": "warning",
    "completed": "success",
    "failed": "danger",
}


@admin.register(Call)
class CallAdmin(AuditedReads, ModelAdmin):
    list_display = (
        "created_at",
        "caller",
        "agent_name",
        "outcome",
        "duration",
        "first_audio",
        "usual_reply",
        "rating",
        "recorded",
    )
    list_filter = call_filters.FILTERS
    list_filter_submit = True
    search_fields = ("call_sid",)  # so that there is a search: get_search_results does it
    search_help_text = _("Words that were said, a customer's name, a phone number or a call SID.")
    show_full_result_count = False
    paginator = CallPages
    list_per_page = list_max_show_all = 50
    fields = ()
    list_before_template = "calls/list_links.html"
    change_form_template = "calls/call.html"

    def get_urls(self) -> list[URLPattern]:
        site = self.admin_site
        own = [
            path(
                "prompt-preview/<int:pk>",
                site.admin_view(prompt_preview),
                name="calls_prompt_preview",
            ),
            path("<int:pk>/review", site.admin_view(self.review), name="calls_call_review"),
            path("<int:pk>/recording", site.admin_view(recording), name="calls_call_recording"),
        ]
        parts = (live_page_view, export_views, erase_page, csv_file)
        return [*own, *(url for part in parts for url in part.urls(site)), *super().get_urls()]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Call | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Call | None = None) -> bool:
        return False

    # The list -------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[Call]:
        calls: QuerySet[Call] = super().get_queryset(request)
        return calls.select_related("review", "survey")

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """What the filters own, and no field: by its first digits a number is read one by one."""
        return lookup in call_filters.NAMES

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[CallList]:
        return CallList

    def get_list_display(self, request: HttpRequest) -> list[str]:
        shown = list(super().get_list_display(request))
        if not sees_numbers(request):
            shown[shown.index("caller")] = "caller_masked"
        return shown

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Call], search_term: str
    ) -> tuple[QuerySet[Call], bool]:
        return call_search.found(queryset, search_term, by_number=sees_numbers(request)), False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        shown = (getattr(response, "context_data", None) or {}).get("cl")
        if shown is not None and shown.paginator.there_are_more:
            text = _now("There are more than %(most)d calls. Narrow the list to see older ones.")
            messages.info(request, text % {"most": MOST_COUNTED})
        return response

    @display(description=_("caller"), ordering="from_number")
    def caller(self, call: Call) -> str:
        return caller_of(call, True)

    @display(description=_("caller"), ordering="customer_name")
    def caller_masked(self, call: Call) -> str:
        return caller_of(call, False)

    @display(description=_("outcome"), ordering="status", label=STATUS_COLOURS)
    def outcome(self, call: Call) -> tuple[str, str]:
        if call.ended_by:
            colour = "in-progress" if call.ended_by == EndedBy.TURNED_AWAY else call.status
            return colour, f"{call.get_status_display()} · {call.get_ended_by_display()}"
        return call.status, call.get_status_display()

    @display(description=_("duration"), ordering="duration_ms")
    def duration(self, call: Call) -> str:
        return minutes(call.duration_ms)

    @display(description=_("first audio"), ordering="first_audio_ms")
    def first_audio(self, call: Call) -> str:
        return milliseconds(call.first_audio_ms)

    @display(description=_("usual reply"), ordering="usual_reply_ms")
    def usual_reply(self, call: Call) -> str:
        """The median delay between the caller's last word and the agent's first."""
        return milliseconds(call.usual_reply_ms)

    @display(description=_("rating"), ordering="review__rating")
    def rating(self, call: Call) -> SafeString | str:
        review: CallReview | None = getattr(call, "review", None)
        if review is None or review.rating is None:
            return "–"
        return render_to_string("calls/stars.html", {"stars": review.rating})

    @display(description=_("recording"), ordering="recording_state")
    def recorded(self, call: Call) -> SafeString | str:
        if not call.recording_state:
            return "–"
        state = call.get_recording_state_display()
        ready = call.recording_state == RecordingState.READY
        return render_to_string("calls/recorded.html", {"state": state, "ready": ready})

    # One call -------------------------------------------------------------------

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, obj: Any = None, **kwargs: Any
    ) -> HttpResponse:
        context["page"] = page = call_page(obj, request)
        context["title"] = page.caller
        context["may_review"] = may_review(request)
        context.setdefault("review", form_of(obj))
        if context["may_review"]:
            context["tags"] = tags_in_use()
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def review(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Keep what was written; what cannot be kept is shown again, with what is wrong."""
        if not (self.has_view_permission(request) and may_review(request)):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        call = get_object_or_404(Call, pk=pk)
        form = form_of(call, request.POST)
        if not form.is_valid():
            request.method = "GET"  # The page is one to be looked at: nothing of it is posted.
            again: HttpResponse = self.change_view(request, str(pk), extra_context={"review": form})
            return again
        keep(form, call, request.user.get_username())
        messages.success(request, _now("Your review was saved."))
        return HttpResponseRedirect(reverse("admin:calls_call_change", args=(pk,)))
