"""Further numbers of a customer, as they are entered beside the main one."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from unfold.forms import PaginationInlineFormSet

from customers.models import NOT_A_NUMBER, CustomerPhone
from customers.phone import normalise


class PhoneForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = CustomerPhone
        fields = ("number",)

    def clean_number(self) -> str:
        # Here already: the same number in two spellings is found twice only in one spelling.
        number = normalise(self.cleaned_data["number"])
        if number is None:
            raise ValidationError(NOT_A_NUMBER)
        return number


class PhoneFormSet(PaginationInlineFormSet):
    def clean(self) -> None:
        super().clean()
        for form in self.forms:
            is_kept = not form.errors and not form.cleaned_data.get("DELETE")
            if is_kept and form.cleaned_data.get("number") == self.instance.phone:
                form.add_error("number", _("This is the customer's main number."))
