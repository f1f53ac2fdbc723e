"""What staff read when a recording was refused: what is wrong with it, and what to do."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.refusals import LARGEST_BYTES, LONGEST_SECONDS, Reason, Refusal

ACCEPTED = gettext_lazy("WAV, MP3, M4A, AAC, OGG, Opus, FLAC or WebM")


def sentence(refusal: Refusal) -> str:
    if refusal.reason is Reason.CUT_OFF:
        return _cut_off(refusal)
    if refusal.reason in (Reason.TOO_LONG, Reason.CLAIMS_TOO_LONG):
        return _too_long(refusal)
    numbers = {
        "megabytes": LARGEST_BYTES // 1_000_000,
        "rate": refusal.sample_rate,
        "formats": ACCEPTED,
    }
    return _plain_sentences()[refusal.reason] % numbers


def _plain_sentences() -> dict[Reason, str]:
    return {
        Reason.EMPTY: _("The file is empty. Choose the recording again."),
        Reason.TOO_LARGE: _(
            "The file is larger than %(megabytes)s MB. Save the recording as MP3 and upload that."
        ),
        Reason.SILENT: _(
            "There is only silence in the file, or nothing that can be heard on a telephone. "
            "Check the microphone and record it again."
        ),
        Reason.NOT_AUDIO: _(
            "This is not a sound file that can be read. Upload a recording as %(formats)s."
        ),
        Reason.NO_AUDIO_STREAM: _(
            "There is no sound in the file. Check that you chose the right file, and that it was "
            "saved with its sound."
        ),
        Reason.UNUSUAL_CODING: _(
            "The sound in the file is stored in a way that is not supported. "
            "Save it as %(formats)s."
        ),
        Reason.UNUSUAL_RATE: _(
            "Its sample rate, %(rate)s Hz, is not one of a sound recording. "
            "Save it with 44100 Hz and try again."
        ),
        Reason.DAMAGED: _(
            "The file is incomplete or damaged and cannot be read. Save the recording again as "
            "%(formats)s and upload that."
        ),
        Reason.TOO_SLOW: _(
            "Reading the file took too long. Save the recording again as MP3 or WAV and "
            "upload that."
        ),
        Reason.TOO_MUCH_MEMORY: _(
            "Reading the file needs too much memory. Save the recording again as MP3 or WAV and "
            "upload that."
        ),
    }


def _too_long(refusal: Refusal) -> str:
    numbers = {"most": LONGEST_SECONDS, "length": _length(refusal.declared_seconds)}
    if refusal.reason is Reason.CLAIMS_TOO_LONG:
        return (
            _(
                "The file says that it is %(length)s long; a clip is no longer than %(most)s "
                "seconds. Shorten the recording, or save it again if it is not that long."
            )
            % numbers
        )
    return _("The recording is longer than %(most)s seconds. Shorten it and upload it again.") % (
        numbers
    )


def _cut_off(refusal: Refusal) -> str:
    numbers = {
        "declared": f"{refusal.declared_seconds:.1f}",
        "read": f"{refusal.read_seconds:.1f}",
    }
    if refusal.declared_seconds > refusal.read_seconds:
        return (
            _(
                "The file is cut off or damaged: of %(declared)s seconds only %(read)s could be "
                "read. Upload the whole recording again."
            )
            % numbers
        )
    return (
        _(
            "The file is cut off: after %(read)s seconds it ends in the middle of the sound. "
            "Upload the whole recording again."
        )
        % numbers
    )


def _length(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"
