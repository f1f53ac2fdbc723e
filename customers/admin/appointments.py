"""Who comes when: the appointments of all customers, the next one first."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Case, F, QuerySet, When
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin
from unfold.decorators import display

from customers.admin.asking_again import AsksAgain
from customers.admin.slot_forms import AppointmentForm
from customers.admin.when import span
from customers.models import Appointment
from staff.reads import AuditedReads

STATUS_COLOURS = {"booked": "success", "cancelled": "danger"}


@admin.register(Appointment)
class AppointmentAdmin(AsksAgain, AuditedReads, ModelAdmin):
    form = AppointmentForm
    list_display = ("when", "customer", "reason", "calendar", "status_label")
    list_filter = ("status", "calendar")
    list_select_related = ("customer",)
    list_per_page = 50
    search_fields = ("customer__name", "customer__phone", "reason")
    date_hierarchy = "starts_at"
    # Looked for on the list of customers: a search there is written down.
    raw_id_fields = ("customer",)
    warn_unsaved_form = True
    actions = ("cancel",)
    fieldsets = (
        (
            None,
            {"fields": ("customer", "starts_at", "ends_at", "reason", ("calendar", "status"))},
        ),
    )

    def get_ordering(self, request: HttpRequest) -> Any:
        """What is to come, the next one first; then what is past, the last one first."""
        to_come = Case(When(ends_at__gt=timezone.now(), then=F("starts_at")))
        return (to_come.asc(nulls_last=True), "-starts_at", "-pk")

    def get_readonly_fields(self, request: HttpRequest, obj: Appointment | None = None) -> Any:
        # Whose it is stays: for somebody else it is another appointment.
        return ("customer",) if obj else ()

    @display(description=_("when"), ordering="starts_at")
    def when(self, appointment: Appointment) -> str:
        return span(appointment.starts_at, appointment.ends_at)

    @display(description=_("status"), ordering="status", label=STATUS_COLOURS)
    def status_label(self, appointment: Appointment) -> tuple[str, str]:
        return appointment.status, appointment.get_status_display()

    @admin.action(description=_("Cancel the selected appointments"), permissions=("change",))
    def cancel(self, request: HttpRequest, chosen: QuerySet[Appointment]) -> None:
        booked = chosen.filter(status=Appointment.Status.BOOKED)
        for appointment in booked:  # One by one: each is a row of the audit log.
            appointment.status = Appointment.Status.CANCELLED
            appointment.save(update_fields=["status"])
        count = len(booked)
        said = ngettext(
            "%(count)d appointment is cancelled.", "%(count)d appointments are cancelled.", count
        )
        self.message_user(request, said % {"count": count}, messages.SUCCESS)
