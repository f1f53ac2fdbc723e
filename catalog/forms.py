"""What staff fill in: an upload that becomes a clip, a text that becomes a prompt version."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminFileFieldWidget

from catalog.models import Clip, Prompt
from catalog.transcoding import ACCEPTED, LARGEST_BYTES, Transcoded, TranscodingError, transcode


class ClipForm(forms.ModelForm):  # type: ignore[type-arg]
    """Transcodes while the form is checked, so a bad file is an error beside the field."""

    recording = forms.FileField(
        label=_("Recording"),
        widget=UnfoldAdminFileFieldWidget,
        help_text=_("%(formats)s, at most 60 seconds and 10 MB. Silence at both ends is cut off.")
        % {"formats": ACCEPTED},
    )

    class Meta:
        model = Clip
        fields = ("name", "text")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.transcoded: Transcoded | None = None
        self.fields["recording"].required = not self.instance.mulaw

    def clean_recording(self) -> "UploadedFile[Any] | None":
        upload: UploadedFile[Any] | None = self.cleaned_data["recording"]
        if isinstance(upload, UploadedFile):
            # Not a byte more than can be accepted is read into memory.
            data = upload.read(LARGEST_BYTES + 1)
            upload.seek(0)
            try:
                self.transcoded = transcode(data, upload.name or "")
            except TranscodingError as error:
                raise forms.ValidationError(str(error)) from error
        return upload

    def save(self, commit: bool = True) -> Clip:
        if self.transcoded is not None:
            self.instance.mulaw = self.transcoded.mulaw
            self.instance.loudness_lufs = self.transcoded.loudness_after_lufs
            self.instance.original = self.cleaned_data["recording"]
        if self.transcoded is not None or self._says_something_else():
            self.instance.words = []  # They told the times of other words.
        clip: Clip = super().save(commit)
        return clip

    def _says_something_else(self) -> bool:
        before: str = self.initial.get("text", "")
        after: str = self.cleaned_data["text"]
        return before.split() != after.split()


class PromptForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Prompt
        fields = ("name", "text", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and "note" in self.fields:
            # The note tells why a version was made: the next one needs a note of its own.
            self.initial["note"] = ""

    def clean_text(self) -> str:
        # Browsers end lines with CR LF: every saving would be a change, and a version.
        text: str = self.cleaned_data["text"]
        return text.replace("\r\n", "\n")

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if not self.instance.pk and Prompt.objects.filter(name=name).exists():
            raise forms.ValidationError(
                _("There is a prompt of this name: open it to write its next version.")
            )
        return name
