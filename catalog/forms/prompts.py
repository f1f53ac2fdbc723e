"""A prompt's next version."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from catalog.models import Prompt
from catalog.prompt_variables import unknown_variables, unknown_variables_sentence


class PromptForm(forms.ModelForm):  # type: ignore[type-arg]
    text = forms.CharField(
        label=_("Text"),
        widget=UnfoldAdminTextareaWidget({"rows": 22}),
        max_length=50_000,
        help_text=_("What is in braces is filled in for each call; the list is below."),
    )
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Why this version: for your colleagues."),
    )

    class Meta:
        model = Prompt
        fields = ("name",)

    class Media:
        css: ClassVar[dict[str, tuple[str, ...]]] = {"all": ("catalog/catalog.css",)}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.newest = self.instance.newest if self.instance.pk else None
        if self.newest is not None and "text" in self.fields:
            self.fields["text"].initial = self.newest.text

    def clean_text(self) -> str:
        # Browsers end lines with CR LF: every saving would be a change, and a version.
        text: str = self.cleaned_data["text"].replace("\r\n", "\n")
        unknown = unknown_variables(text)
        if unknown:
            raise forms.ValidationError(unknown_variables_sentence(unknown))
        return text

    @property
    def text_changed(self) -> bool:
        return self.newest is None or self.cleaned_data["text"] != self.newest.text.strip()
