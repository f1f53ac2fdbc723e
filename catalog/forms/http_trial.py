"""What somebody fills in to try an HTTP tool out: one field for each of its parameters."""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from catalog.models import HttpToolParameter
from catalog.tools.http import LONGEST_TEXT
from catalog.tools.http_values import LARGEST_NUMBER, Value

YES_OR_NO = (("", "–"), ("yes", _("Yes")), ("no", _("No")))


class HttpTrialForm(forms.Form):
    """The names of its fields are those of the parameters, behind a prefix."""

    def __init__(self, parameters: Sequence[HttpToolParameter], data: Any = None) -> None:
        super().__init__(data, prefix="value", label_suffix="")
        for parameter in parameters:
            field = _FIELDS[HttpToolParameter.Kind(parameter.kind)]()
            field.label, field.help_text = parameter.name, parameter.description
            field.required = parameter.required
            field.widget.is_required = parameter.required
            self.fields[parameter.name] = field

    def arguments(self) -> dict[str, Value]:
        """As the agent would send them: what is left empty is not sent."""
        return {
            name: value == "yes" if isinstance(self.fields[name], forms.ChoiceField) else value
            for name, value in self.cleaned_data.items()
            if value not in (None, "")
        }


def _text() -> forms.Field:
    return forms.CharField(max_length=LONGEST_TEXT, widget=UnfoldAdminTextInputWidget())


def _integer() -> forms.Field:
    return forms.IntegerField(
        min_value=-LARGEST_NUMBER, max_value=LARGEST_NUMBER, widget=UnfoldAdminIntegerFieldWidget()
    )


def _number() -> forms.Field:
    return forms.FloatField(
        min_value=-LARGEST_NUMBER, max_value=LARGEST_NUMBER, widget=UnfoldAdminDecimalFieldWidget()
    )


def _yes_or_no() -> forms.Field:
    return forms.ChoiceField(choices=YES_OR_NO, widget=UnfoldAdminSelectWidget())


_FIELDS: dict[HttpToolParameter.Kind, Callable[[], forms.Field]] = {
    HttpToolParameter.Kind.TEXT: _text,
    HttpToolParameter.Kind.INTEGER: _integer,
    HttpToolParameter.Kind.NUMBER: _number,
    HttpToolParameter.Kind.YES_OR_NO: _yes_or_no,
}
