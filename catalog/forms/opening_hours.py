"""Business hours, as they are entered beside the agent that keeps them."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from unfold.forms import PaginationInlineFormSet

from catalog.out_of_hours import OutOfHours


class OpeningHoursFormSet(PaginationInlineFormSet):  # type: ignore[misc]
    def clean(self) -> None:
        super().clean()
        hangs_up = self.instance.out_of_hours == OutOfHours.HANG_UP
        if hangs_up and not any(_is_kept(form.cleaned_data) for form in self.forms):
            raise ValidationError(
                _("Calls are to be ended outside business hours: enter these hours.")
            )


def _is_kept(line: dict[str, Any]) -> bool:
    return bool(line.get("opens") is not None and not line.get("DELETE"))
