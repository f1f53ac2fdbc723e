"""Customers and what is known of them, for staff to edit."""

from django.contrib import admin
from django.db.models import Count, QuerySet, TextField
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget

from customers.models import Customer, CustomerFact
from staff.reads import AuditedReads

STATUS_COLOURS = {"lead": "info", "active": "success", "vip": "warning", "closed": "danger"}


class FactInline(TabularInline):
    model = CustomerFact
    extra = 1
    hide_title = True


@admin.register(Customer)
class CustomerAdmin(AuditedReads, ModelAdmin):
    list_display = ("name", "phone", "language", "status_label", "facts_known", "created_at")
    list_filter = ("status", "language")
    search_fields = ("name", "phone", "notes", "facts__text")
    inlines = (FactInline,)
    warn_unsaved_form = True
    formfield_overrides = {TextField: {"widget": UnfoldAdminTextareaWidget({"rows": 4})}}
    fieldsets = ((None, {"fields": (("name", "phone"), ("status", "language"), "notes")}),)

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
