"""The clips a first agent needs besides its greeting and apology."""

import hashlib
import json
from pathlib import Path

from django.db import migrations
from django.utils import timezone

HERE = Path(__file__).resolve().parent.parent / "default_greeting"

CLIPS = (
    ("Default one moment", "one-moment", "one_moment_clip", "One moment, please."),
    (
        "Default out of hours",
        "out-of-hours",
        "out_of_hours_clip",
        "Thank you for calling Silver Birch Dental. We are closed at the moment, but I am happy "
        "to help you.",
    ),
)


def create_clips(apps, schema_editor):
    Agent, Clip = apps.get_model("catalog", "Agent"), apps.get_model("catalog", "Clip")
    Recording = apps.get_model("catalog", "Recording")
    for name, file_name, field, text in CLIPS:
        clip, created = Clip.objects.get_or_create(name=name)
        if not created:
            continue
        audio = (HERE / f"{file_name}.ulaw").read_bytes()
        clip.published = Recording.objects.create(
            clip=clip,
            version=1,
            text=text,
            words=json.loads((HERE / f"{file_name}.json").read_text()),
            source="shipped",
            mulaw=audio,
            duration_ms=len(audio) // 8,
            loudness_after_lufs=-19.0,
            sha256=hashlib.sha256(audio).hexdigest(),
            published_at=timezone.now(),
        )
        clip.save()
        # They are said in English, and for the business of the shipped agent.
        Agent.objects.filter(
            name="Reception", business_name="Silver Birch Dental", **{f"{field}__isnull": True}
        ).update(**{field: clip})


class Migration(migrations.Migration):
    dependencies = [("catalog", "0005_only_versions")]
    operations = [migrations.RunPython(create_clips, migrations.RunPython.noop)]
