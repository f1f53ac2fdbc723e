"""What a clip said and what a prompt told becomes the first version of each, and published."""

import re

from django.db import migrations

# What is filled in from now on. Any other name in braces would be refused, and was told as it
# stood: doubled, its braces are told as they stand.
VARIABLES = ("business_name", "agent_name", "today", "customer_name", "transfer_number")


def with_braces_kept(text):
    def kept(match):
        return match[0] if match[1] in VARIABLES else f"{{{match[0]}}}"

    return re.sub(r"\{(\w+)\}", kept, text)


def clips_into_recordings(apps, schema_editor):
    Recording = apps.get_model("catalog", "Recording")
    for clip in apps.get_model("catalog", "Clip").objects.all():
        if not clip.mulaw:
            continue
        recording = Recording.objects.create(
            clip=clip,
            version=1,
            text=clip.text,
            words=clip.words,
            source="upload" if clip.original else "shipped",
            original=clip.original.name,
            mulaw=bytes(clip.mulaw),
            duration_ms=clip.duration_ms,
            loudness_after_lufs=clip.loudness_lufs,
            sha256=clip.sha256,
            published_at=clip.updated_at,
        )
        Recording.objects.filter(pk=recording.pk).update(created_at=clip.updated_at)
        clip.published = recording
        clip.save()


def agents_without_recordings(apps, schema_editor):
    """A clip that has no sound could not be published: its text is spoken, as it was before."""
    for field in ("greeting_clip", "apology_clip"):
        apps.get_model("catalog", "Agent").objects.filter(
            **{f"{field}__isnull": False, f"{field}__published__isnull": True}
        ).update(**{field: None})


def prompts_into_versions(apps, schema_editor):
    """The rows of one name become one prompt. Where agents use several of its versions, each but
    the newest of those becomes a prompt of its own, so that nobody's agent changes its mind.
    """
    Agent, Prompt = apps.get_model("catalog", "Agent"), apps.get_model("catalog", "Prompt")
    for name in set(Prompt.objects.values_list("name", flat=True)):
        rows = list(Prompt.objects.filter(name=name).order_by("version"))
        used = [row for row in rows if Agent.objects.filter(prompt=row).exists()]
        published = used[-1] if used else rows[-1]
        for row in used[:-1]:
            version = add_version(apps, row, row)
            row.name, row.published = free_name(Prompt, f"{name[:60]} v{row.version}"), version
            row.save()
        for row in rows:  # The history stays together, also of what others use as their own.
            version = add_version(apps, published, row)
            if row == published:
                row.published = version
                row.save()
        Prompt.objects.filter(
            pk__in=[row.pk for row in rows if row != published and row not in used]
        ).delete()


def free_name(Prompt, name):
    while Prompt.objects.filter(name=name).exists():
        name = f"{name} (2)"
    return name


def add_version(apps, prompt, row):
    PromptVersion = apps.get_model("catalog", "PromptVersion")
    version = PromptVersion.objects.create(
        prompt=prompt,
        version=row.version,
        text=with_braces_kept(row.text),
        note=row.note,
        published_at=row.created_at,
    )
    PromptVersion.objects.filter(pk=version.pk).update(created_at=row.created_at)
    return version


def forget_empty_revisions(apps, schema_editor):
    """Older revisions kept no document: there is nothing in them to go back to."""
    apps.get_model("catalog", "CatalogRevision").objects.filter(document=[]).delete()


class Migration(migrations.Migration):
    dependencies = [("catalog", "0003_versions")]
    operations = [
        migrations.RunPython(clips_into_recordings, migrations.RunPython.noop),
        migrations.RunPython(agents_without_recordings, migrations.RunPython.noop),
        migrations.RunPython(prompts_into_versions, migrations.RunPython.noop),
        migrations.RunPython(forget_empty_revisions, migrations.RunPython.noop),
    ]
