"""Publishing: the tables become the next revision, and an old revision the tables again."""

from functools import partial

from auditlog.context import disable_auditlog
from django.db import models, transaction
from django.db.models import CharField, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.authorship import author_name
from catalog.document import CatalogDocument, DocumentUnreadable, parse, read_tables
from catalog.models import (
    Agent,
    CatalogRevision,
    Clip,
    HttpTool,
    HttpToolParameter,
    McpServer,
    OpeningHours,
    PhoneNumber,
    Prompt,
    PromptVersion,
    Recording,
    Tool,
    TransferTarget,
)
from catalog.prompt_variables import unknown_variables, unknown_variables_sentence
from catalog.snapshot_loading import SnapshotInvalid, build_snapshot, clip_ids
from catalog.snapshot_parts import clip_audio


class CannotPublish(Exception):
    """This must not reach callers; the message is a sentence for staff."""


def publish(cause: str) -> CatalogRevision | None:
    """Make a revision of the catalog as it stands in the tables; None if nothing has changed."""
    with transaction.atomic():
        # Two who publish at once take turns at the oldest row, which is the same for everybody. At
        # the newest, a third could pass the one who waits, who would then publish older tables.
        CatalogRevision.objects.select_for_update().order_by("pk").values_list("pk").first()
        newest = CatalogRevision.objects.order_by("-pk").first()
        document = read_tables()
        if newest is not None and newest.document == document:
            return None
        return CatalogRevision.objects.create(
            document=document, cause=cause[:200], author_name=author_name()
        )


def publish_recording(recording: Recording) -> None:
    """From now on, this is what the clip says. The caller's transaction commits it."""
    if not recording.text.strip():
        raise CannotPublish(
            _("Write down what is said in it first: the agent takes the words as said.")
        )
    try:
        clip_audio(recording.clip.name, recording)
    except SnapshotInvalid as error:
        raise CannotPublish(str(error)) from error
    _make_current(recording.clip, recording)


def publish_prompt_version(version: PromptVersion) -> None:
    """From now on, this is what the agents of this prompt are told."""
    unknown = unknown_variables(version.text)
    if unknown:
        raise CannotPublish(unknown_variables_sentence(unknown))
    _make_current(version.prompt, version)


def _make_current(owner: Clip | Prompt, version: Recording | PromptVersion) -> None:
    if version.published_at is None:
        type(version)._default_manager.filter(pk=version.pk).update(published_at=timezone.now())
    owner.published = version
    owner.save(update_fields=["published"])  # Its name may have been edited since it was read.


def roll_back_to(revision: CatalogRevision) -> None:
    """Make the tables what they were at this revision, and publish that anew once committed.

    Raises CannotPublish, and changes nothing, if callers could not be served from it.
    """
    try:
        document = parse(revision.document)
        build_snapshot(revision.pk, document)
        _refuse_what_is_gone(document)
    except (DocumentUnreadable, SnapshotInvalid) as error:
        raise CannotPublish(
            _("Revision %(number)s cannot be used any more. %(why)s")
            % {"number": revision.pk, "why": error}
        ) from error
    # What the rows go through on the way is nobody's doing: the new revision tells of all of it.
    with transaction.atomic(), disable_auditlog():
        # Before what the saving of rows will ask for: the revision is named after its true cause.
        cause = _("Rolled back to revision %(number)s") % {"number": revision.pk}
        transaction.on_commit(partial(publish, cause))
        _restore(document)


def _refuse_what_is_gone(document: CatalogDocument) -> None:
    """Of agents that are switched off as well, about whom no snapshot asks."""
    clips = set(Clip.objects.values_list("pk", flat=True))
    prompts = set(Prompt.objects.values_list("pk", flat=True))
    for row in document.agents:
        if row.prompt_id not in prompts or not clip_ids(row) <= clips:
            raise SnapshotInvalid(
                _("A clip or the prompt of %(agent)s was deleted.") % {"agent": row.name}
            )


def _restore(document: CatalogDocument) -> None:
    # Clips and prompts made since are kept, as drafts are: unused, and not lost. Names of clips
    # and prompts are labels for staff, and callers hear nothing of them: they stay.
    for clip in document.clips:
        if Recording.objects.filter(pk=clip.published_id or 0).exists():
            Clip.objects.filter(pk=clip.pk).update(published=clip.published_id)
    for prompt in document.prompts:
        if PromptVersion.objects.filter(pk=prompt.published_id or 0).exists():
            Prompt.objects.filter(pk=prompt.pk).update(published=prompt.published_id)
    for tool in document.tools:
        settings = {"stage": tool.stage, "enabled": tool.enabled}
        Tool.objects.update_or_create(name=tool.name, defaults=settings)
    _make_way()
    exactly: tuple[tuple[type[models.Model], tuple[models.Model, ...]], ...] = (
        (Agent, document.agents),
        (PhoneNumber, document.numbers),
        (OpeningHours, document.hours),
        (TransferTarget, document.transfer_targets),
        (HttpTool, document.http_tools),
        (HttpToolParameter, document.http_tool_parameters),
        (McpServer, document.mcp_servers),
    )
    for model, kept in exactly:
        model._default_manager.exclude(pk__in=[row.pk for row in kept]).delete()
        for row in kept:
            row.save()


def _make_way() -> None:
    """Two rows may have swapped names since: none shall stand in another's way."""
    own = Concat(Value("~"), Cast("pk", CharField()))
    Agent.objects.update(name=own, is_default=False)
    PhoneNumber.objects.update(number=own)
    for model in (TransferTarget, HttpTool, HttpToolParameter, McpServer):
        model._default_manager.update(name=own)
