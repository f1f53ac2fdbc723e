"""What the forms of clips and prompts share: each makes the next version of something."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget


class NextVersionForm(forms.ModelForm):  # type: ignore[type-arg]
    """A model with `versions_of` (its versions), whose text this form shows and changes.

    `newest` is the newest version, None if there is none yet.
    """

    versions_of: str
    # The version whose text the page was opened with; somebody else may have saved another since.
    based_on = forms.IntegerField(required=False, widget=forms.HiddenInput)
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Why this version: for your colleagues."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.newest: Any = self.instance.newest if self.instance.pk else None
        if self.newest is not None and "text" in self.fields:
            self.fields["text"].initial = self.newest.text
            self.fields["based_on"].initial = self.newest.version

    @property
    def text_changed(self) -> bool:
        """Whether whoever fills in the form has touched the text, or it is the first."""
        base = self._base()
        text = str(self.cleaned_data.get("text", ""))
        return base is None or self.comparable(text) != self.comparable(base.text)

    def comparable(self, text: str) -> object:
        """Equal for two texts between which there is no difference worth a version."""
        return text.strip()

    def refuse_if_overtaken(self) -> None:
        """Once: saved again after this error, the text becomes the version after the other one."""
        base = self._base()
        if self.newest is None or base == self.newest or not self.text_changed:
            return
        self.add_error(
            None,
            _now(
                "While you were writing, version %(version)d was saved by %(author)s. Look at it "
                "in the list below; save again to put your text in its place."
            )
            % {
                "version": self.newest.version,
                "author": self.newest.author_name or _now("somebody else"),
            },
        )
        self.data = {
            **dict(self.data.items()),
            self.add_prefix("based_on"): str(self.newest.version),
        }

    def _base(self) -> Any:
        number = self.cleaned_data.get("based_on")
        if self.newest is None or number in (None, self.newest.version):
            return self.newest
        versions = getattr(self.instance, self.versions_of)
        return versions.filter(version=number).first() or self.newest
