"""Three ways to a recording: a file, the microphone, a sentence that the agent's voice speaks."""

from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.text import format_lazy
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
)

from catalog.clip_versions import NewSound
from catalog.forms.next_version import NextVersionForm
from catalog.models import Agent, Clip, Recording
from catalog.snapshot import WordTiming
from catalog.speech import LONGEST_TEXT, SpeechError, aligned, shifted, speak, transcribe
from catalog.transcoding import ACCEPTED, LARGEST_BYTES, Transcoded, TranscodingError, transcode


class RecorderWidget(UnfoldAdminFileFieldWidget):  # type: ignore[misc]
    """A file field that the microphone can fill as well."""

    template_name = "catalog/widgets/recorder.html"


class ClipForm(NextVersionForm):
    """All the work is done while the form is checked: a bad file is an error beside its field.

    Afterwards `sound` is the new recording, or None if only words were written;
    `warning` is a sentence to show when the words could not be recognised.
    """

    versions_of = "recordings"
    recording = forms.FileField(
        label=_("Recording"),
        required=False,
        widget=RecorderWidget,
        # Not with %: that would be done now, in English.
        help_text=format_lazy(
            _("{formats}, at most 60 seconds and 10 MB. Silence at both ends is cut off."),
            formats=ACCEPTED,
        ),
    )
    from_microphone = forms.BooleanField(required=False, widget=forms.HiddenInput)
    sentence = forms.CharField(
        label=_("Or a sentence to be spoken"),
        required=False,
        max_length=LONGEST_TEXT,
        widget=UnfoldAdminTextareaWidget({"rows": 2}),
        help_text=_("The voice of the agent below says it."),
    )
    agent = forms.ModelChoiceField(
        label=_("Agent"),
        queryset=Agent.objects.all(),
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text=_("Whose voice speaks, and whose language is recognised."),
    )
    text = forms.CharField(
        label=_("Words"),
        required=False,
        widget=UnfoldAdminTextareaWidget({"rows": 3}),
        help_text=_(
            "What is said in the recording, word for word: the agent takes it as said. "
            "Leave it empty to have a new recording written down for you."
        ),
    )

    class Meta:
        model = Clip
        fields = ("name",)

    class Media:
        css: ClassVar[dict[str, tuple[str, ...]]] = {"all": ("catalog/catalog.css",)}
        js = ("catalog/recorder.js", "catalog/waveform.js")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sound: NewSound | None = None
        self.warning: str | None = None
        if "agent" in self.fields:
            self.fields["agent"].initial = Agent.objects.filter(is_default=True).first()

    def clean_name(self) -> str:
        # Django asks for this after clean(), when a voice has been waited for already.
        name: str = self.cleaned_data["name"]
        if Clip.objects.filter(name=name).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_now("There is a clip of this name already."))
        return name

    def comparable(self, text: str) -> object:
        return text.split()

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        # Nobody waits for a voice or a decoder to learn that the name was missing.
        if self.errors:
            return cleaned
        upload, sentence = cleaned.get("recording"), cleaned.get("sentence", "").strip()
        if upload and sentence:
            self.add_error("sentence", _now("Either a recording or a sentence, not both."))
        elif upload:
            self._take_upload(upload, cleaned)
        elif sentence:
            self._have_spoken(sentence, self._agent(cleaned))
        elif self.newest is None:
            self.add_error(
                "recording", _now("Choose a file, record one, or write a sentence to be spoken.")
            )
        else:
            self._take_words(cleaned)
        return cleaned

    def _take_words(self, cleaned: dict[str, Any]) -> None:
        """Those of the newest version, corrected."""
        if self.text_changed and not cleaned["text"]:
            self.add_error("text", _now("Write down what is said: the agent takes it as said."))
        elif self.text_changed:
            self.refuse_if_overtaken()
        elif cleaned.get("note") and self.newest.published_at is not None:
            self.add_error(
                "note", _now("Nothing was changed. A note is kept only with a new version.")
            )

    # From a file or the microphone ----------------------------------------------

    def _take_upload(self, upload: "UploadedFile[Any]", cleaned: dict[str, Any]) -> None:
        # Not a byte more than can be accepted is read into memory.
        data = upload.read(LARGEST_BYTES + 1)
        transcoded = self._transcoded(data, upload.name or "", field="recording")
        if transcoded is None:
            return
        text = cleaned.get("text", "").strip()
        if not self.text_changed:
            text = ""  # They are the words of the recording before, which nobody has touched.
        words: tuple[WordTiming, ...] = ()
        heard = ""
        try:
            transcript = transcribe(transcoded.mulaw, language=self._agent(cleaned).language)
            heard = transcript.text
            words = aligned(transcript.words, text or heard, duration_ms=transcoded.duration_ms)
        except SpeechError as error:
            if not text:
                self.warning = _now(
                    "The words could not be recognised: write them below before you publish. "
                    "%(why)s"
                ) % {"why": error}
        microphone = cleaned.get("from_microphone")
        self.sound = NewSound(
            source=Recording.Source.MICROPHONE if microphone else Recording.Source.UPLOAD,
            original=data,
            file_name=upload.name or "",
            transcoded=transcoded,
            text=text or heard,
            words=words,
        )

    # From a sentence ------------------------------------------------------------

    def _have_spoken(self, sentence: str, agent: Agent) -> None:
        try:
            spoken = speak(sentence, voice_id=agent.voice_id, language=agent.language)
        except SpeechError as error:
            self.add_error("sentence", str(error))
            return
        transcoded = self._transcoded(spoken.wav, "spoken.wav", field="sentence")
        if transcoded is None:
            return
        words = shifted(spoken.words, -transcoded.trimmed_start_ms, transcoded.duration_ms)
        self.sound = NewSound(
            source=Recording.Source.VOICE,
            original=spoken.wav,
            file_name="spoken.wav",
            transcoded=transcoded,
            text=" ".join(sentence.split()),
            words=words,
        )

    def _transcoded(self, data: bytes, name: str, *, field: str) -> Transcoded | None:
        try:
            return transcode(data, name, target_lufs=settings.CLIP_LOUDNESS_LUFS)
        except TranscodingError as error:
            self.add_error(field, str(error))
            return None

    def _agent(self, cleaned: dict[str, Any]) -> Agent:
        chosen: Agent | None = cleaned.get("agent") or Agent.objects.filter(is_default=True).first()
        return chosen or Agent()
