"""A prompt's next version."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget

from catalog.forms.next_version import NextVersionForm
from catalog.models import Prompt
from catalog.prompt_variables import unknown_variables, unknown_variables_sentence


class PromptForm(NextVersionForm):
    versions_of = "versions"
    text = forms.CharField(
        label=_("Text"),
        widget=UnfoldAdminTextareaWidget({"rows": 22}),
        max_length=50_000,
        help_text=_("What is in braces is filled in for each call; the list is below."),
    )

    class Meta:
        model = Prompt
        fields = ("name",)

    class Media:
        css: ClassVar[dict[str, tuple[str, ...]]] = {"all": ("catalog/catalog.css",)}

    def clean_text(self) -> str:
        # Browsers end lines with CR LF: every saving would be a change, and a version.
        text: str = self.cleaned_data["text"].replace("\r\n", "\n")
        unknown = unknown_variables(text)
        if unknown:
            raise forms.ValidationError(unknown_variables_sentence(unknown))
        return text

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors and not self.text_changed and cleaned.get("note"):
            self.add_error(
                "note", _now("Nothing was changed. A note is kept only with a new version.")
            )
        elif not self.errors:
            self.refuse_if_overtaken()
        return cleaned
