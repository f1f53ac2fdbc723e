"""Forms of appointments, which say in a sentence that a time is given away already.

Whether it is, the database alone decides: a form saves what it is about to save, and takes it back.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from typing import Any

from django import forms
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from unfold.forms import PaginationInlineFormSet

from customers.admin.when import span
from customers.models import Appointment
from customers.no_double_booking import SAYS


class AppointmentForm(forms.ModelForm):  # type: ignore[type-arg]
    """One appointment on a page of its own."""

    class Meta:
        model = Appointment
        fields = ("customer", "calendar", "starts_at", "ends_at", "reason", "status")

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if not self.errors:
            with _taken_back():
                _say_what_is_refused(self)


class AppointmentFormSet(PaginationInlineFormSet):
    """The appointments beside their customer: two of them may also be in each other's way."""

    def clean(self) -> None:
        super().clean()
        if any(form.errors for form in self.forms):
            return
        with _taken_back():
            for form in self.forms:
                is_gone = form in self.initial_forms and form.instance.pk is None
                if form.has_changed() and not is_gone:
                    _say_what_is_refused(form)


@contextmanager
def _taken_back() -> Iterator[None]:
    with transaction.atomic():
        try:
            yield
        finally:
            transaction.set_rollback(True)


def _say_what_is_refused(form: Any) -> None:
    row = copy(form.instance)  # The form's own must not get the key of a row that is taken back.
    row._state = copy(row._state)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        if SAYS not in str(error):
            raise
        form.add_error("starts_at", _sentence(row))


def _sentence(wanted: Appointment) -> str:
    other = (
        Appointment.objects.filter(
            calendar=wanted.calendar,
            status=Appointment.Status.BOOKED,
            starts_at__lt=wanted.ends_at,
            ends_at__gt=wanted.starts_at,
        )
        .exclude(pk=wanted.pk)
        .first()
    )
    if other is None:
        return _("This time is given away already. Choose another one.")
    return _(
        "This time is given away already: there is an appointment on %(when)s. "
        "Choose another time, or cancel that one."
    ) % {"when": span(other.starts_at, other.ends_at)}
