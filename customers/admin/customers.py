"""Customers, with their numbers, what is known of them, and their appointments."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, DateTimeField, Field, QuerySet, TextField
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSplitDateTimeVerticalWidget, UnfoldAdminTextareaWidget

from customers.admin.asking_again import AsksAgain
from customers.admin.phone_forms import PhoneForm, PhoneFormSet
from customers.admin.slot_forms import AppointmentFormSet
from customers.models import Appointment, Customer, CustomerFact, CustomerPhone
from staff.reads import AuditedReads

STATUS_COLOURS = {"lead": "info", "active": "success", "vip": "warning", "closed": "danger"}


class PhoneInline(TabularInline):
    model = CustomerPhone
    form = PhoneForm
    formset = PhoneFormSet
    extra = 0
    hide_title = True


class FactInline(TabularInline):
    model = CustomerFact
    extra = 1
    hide_title = True


class AppointmentInline(TabularInline):
    model = Appointment
    formset = AppointmentFormSet
    fields = ("starts_at", "ends_at", "calendar", "reason", "status")
    ordering = ("-starts_at", "-pk")
    per_page = 10
    extra = 0
    can_delete = False  # To cancel one leaves a trace.
    hide_title = True

    def formfield_for_dbfield(
        self, db_field: "Field[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> Any:
        if isinstance(db_field, DateTimeField):
            # The time below the date: side by side, a row needs 1,500 px.
            kwargs["widget"] = UnfoldAdminSplitDateTimeVerticalWidget(date_label="", time_label="")
        return super().formfield_for_dbfield(db_field, request, **kwargs)


@admin.register(Customer)
class CustomerAdmin(AsksAgain, AuditedReads, ModelAdmin):
    list_display = ("name", "phone", "language", "status_label", "facts_known", "created_at")
    list_filter = ("status", "language")
    search_fields = ("name", "phone", "more_phones__number", "notes", "facts__text")
    inlines = (PhoneInline, FactInline, AppointmentInline)
    warn_unsaved_form = True
    formfield_overrides = {TextField: {"widget": UnfoldAdminTextareaWidget({"rows": 4})}}
    fieldsets = ((None, {"fields": (("name", "phone"), ("status", "language"), "notes")}),)

    def get_inlines(self, request: HttpRequest, obj: Customer | None) -> Any:
        # An appointment is for somebody who is on record.
        return self.inlines if obj else (PhoneInline, FactInline)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Customer]:
        customers: QuerySet[Customer] = super().get_queryset(request)
        return customers.annotate(fact_count=Count("facts", distinct=True))

    @display(description=_("status"), ordering="status", label=STATUS_COLOURS)
    def status_label(self, customer: Customer) -> tuple[str, str]:
        return customer.status, customer.get_status_display()

    @display(description=_("facts"), ordering="fact_count")
    def facts_known(self, customer: Customer) -> int:
        count: int = getattr(customer, "fact_count", 0)
        return count
