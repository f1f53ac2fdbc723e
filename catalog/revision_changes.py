"""What one revision changed against another, with the versions that their documents name."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.text import Truncator
from django.utils.translation import gettext as _

from catalog.document import CatalogDocument, DocumentUnreadable, parse
from catalog.document_changes import PublishedVersions, RowChange, changes
from catalog.models import CatalogRevision, PromptVersion, Recording

MOST_WORDS_SHOWN = 160  # characters of what a version says


@dataclass(frozen=True, slots=True)
class RevisionChanges:
    """`rows` is None where a document is damaged: then nobody can tell."""

    rows: tuple[RowChange, ...] | None


def revision_changes(before: CatalogRevision | None, after: CatalogRevision) -> RevisionChanges:
    try:
        old = parse(before.document if before is not None else [])
        new = parse(after.document)
    except DocumentUnreadable:
        return RevisionChanges(None)
    return RevisionChanges(changes(old, new, _versions(old, new)))


def one_before(revision: CatalogRevision) -> CatalogRevision | None:
    return CatalogRevision.objects.filter(pk__lt=revision.pk).order_by("-pk").first()


def _versions(*documents: CatalogDocument) -> PublishedVersions:
    clips = {clip.published_id or 0 for document in documents for clip in document.clips}
    prompts = {prompt.published_id or 0 for document in documents for prompt in document.prompts}
    return PublishedVersions(
        _named(Recording.objects.filter(pk__in=clips).values_list("pk", "version", "text")),
        _named(PromptVersion.objects.filter(pk__in=prompts).values_list("pk", "version", "note")),
    )


def _named(rows: Iterable[tuple[int, int, str]]) -> dict[int, str]:
    """A recording by its words, which are few; a version of a prompt by its note."""
    return {
        pk: _name(version, Truncator(text).chars(MOST_WORDS_SHOWN)) for pk, version, text in rows
    }


def _name(version: int, text: str) -> str:
    if not text:
        return _("Version %(version)d") % {"version": version}
    return _("Version %(version)d: “%(text)s”") % {"version": version, "text": text}
