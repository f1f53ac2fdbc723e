"""The next version of a clip: a new sound, or the same sound with its words corrected."""

from dataclasses import asdict, dataclass
from pathlib import Path

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Max

from catalog.authorship import author_name
from catalog.models import Clip, Recording
from catalog.snapshot import WordTiming
from catalog.speech import aligned
from catalog.transcoding import Transcoded

ORIGINAL_SUFFIXES = frozenset(
    {".wav", ".mp3", ".m4a", ".mp4", ".aac", ".ogg", ".oga", ".opus", ".flac", ".webm"}
)


@dataclass(frozen=True, slots=True)
class NewSound:
    """What a form has made of an upload, a microphone or a typed sentence."""

    source: Recording.Source
    original: bytes
    file_name: str
    transcoded: Transcoded
    text: str
    words: tuple[WordTiming, ...]


def add_sound(clip: Clip, sound: NewSound, note: str) -> Recording:
    """A draft: callers hear it once it is published."""
    recording = Recording(
        clip=clip,
        text=sound.text,
        words=[asdict(word) for word in sound.words],
        source=sound.source,
        mulaw=sound.transcoded.mulaw,
        loudness_before_lufs=sound.transcoded.loudness_before_lufs,
        loudness_after_lufs=sound.transcoded.loudness_after_lufs,
        note=note,
    )
    suffix = Path(sound.file_name).suffix.lower()
    # Nothing of the uploaded name but a suffix that is known: it may say who speaks.
    name = f"clip-{clip.pk}{suffix if suffix in ORIGINAL_SUFFIXES else '.bin'}"
    recording.original.save(name, ContentFile(sound.original), save=False)
    try:
        return _numbered(recording)
    except BaseException:
        recording.original.delete(save=False)
        raise


def correct_words(recording: Recording, text: str, note: str) -> Recording:
    """A draft is corrected in place; what was published once stays, and a new draft has its sound.

    Words that were said as they are now written keep their times.
    """
    words = [asdict(word) for word in aligned(timings(recording), text)]
    with transaction.atomic():
        # It may have been published since it was read, and then stays as it is.
        _take_turns(recording)
        draft = Recording.objects.filter(pk=recording.pk, published_at__isnull=True).exists()
        if draft:
            recording.text, recording.words = text, words
            recording.note = note or recording.note
            recording.save(update_fields=["text", "words", "note"])
            return recording
    return _numbered(
        Recording(
            clip=recording.clip,
            text=text,
            words=words,
            source=Recording.Source.EDITED,
            original=recording.original.name,
            mulaw=recording.mulaw,
            loudness_before_lufs=recording.loudness_before_lufs,
            loudness_after_lufs=recording.loudness_after_lufs,
            note=note,
        )
    )


def discard(recording: Recording) -> bool:
    """Forget a draft, and its original unless another version has the same.

    False, with nothing done, if it was published once.
    """
    with transaction.atomic():
        _take_turns(recording)
        if Recording.objects.filter(pk=recording.pk, published_at__isnull=False).exists():
            return False
        name = recording.original.name
        shared = Recording.objects.filter(original=name).exclude(pk=recording.pk).exists()
        recording.delete()
        if name and not shared:
            transaction.on_commit(lambda: recording.original.storage.delete(name))
    return True


def timings(recording: Recording) -> tuple[WordTiming, ...]:
    return tuple(WordTiming(**word) for word in recording.words)


def _numbered(recording: Recording) -> Recording:
    with transaction.atomic():
        _take_turns(recording)
        newest = recording.clip.recordings.aggregate(newest=Max("version"))["newest"] or 0
        recording.version = newest + 1
        recording.author_name = author_name()
        recording.save()
    return recording


def _take_turns(recording: Recording) -> None:
    """Two who save at once take turns at the clip, until the transaction ends."""
    Clip.objects.select_for_update().get(pk=recording.clip_id)
