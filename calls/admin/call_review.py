"""What does a manager write of a call? Its rating, tags and note; the call's row is not touched."""

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from calls.models import Call, CallReview
from calls.review_tags import tidy

RATINGS = [("", _("Not rated")), *((str(stars), str(stars)) for stars in range(1, 6))]


class CallReviewForm(forms.ModelForm):  # type: ignore[type-arg]
    rating = forms.TypedChoiceField(
        label=_("Rating"), choices=RATINGS, coerce=int, empty_value=None, required=False
    )

    class Meta:
        model = CallReview
        fields = ("rating", "tags", "note")

    def clean_tags(self) -> str:
        return tidy(self.cleaned_data["tags"])


def form_of(call: Call, written: Any = None) -> CallReviewForm:
    """Its fields as they are stored, or as they were just `written`."""
    return CallReviewForm(written, instance=getattr(call, "review", None) or CallReview(call=call))


def may_review(request: HttpRequest) -> bool:
    return request.user.has_perms(("calls.add_callreview", "calls.change_callreview"))


def keep(form: CallReviewForm, call: Call, author: str) -> None:
    """Two who write at once both succeed: the later words stand."""
    CallReview.objects.update_or_create(
        call=call, defaults={**form.cleaned_data, "author_name": author[:150]}
    )
