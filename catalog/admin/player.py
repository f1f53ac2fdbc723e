"""The small audio player that stands wherever a clip is shown."""

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from catalog.models import Clip


def player(clip: Clip | None) -> str:
    recording = clip.published if clip is not None else None
    if recording is None:
        return _("No recording")
    # The fingerprint makes a browser forget the recording that was replaced.
    return format_html(
        '<audio controls preload="none" class="dark:scheme-dark" aria-label="{}" src="{}?{}"'
        ' style="height: 32px; width: 260px; max-width: 100%"></audio>',
        _("Play %(clip)s") % {"clip": clip},
        reverse("admin:catalog_recording_audio", args=(recording.pk,)),
        recording.sha256[:8],
    )
