"""A process that takes a database of 0.1.0, with rows of all kinds, to the present.

It is given the database in DATABASE_URL, and prints what has become of the rows as JSON.
"""

import hashlib
import json
import sys
from typing import Any

import django

OLD = [("catalog", "0002_default_rows")]
LONG_NAME = "L" * 80
SOUND = b"\x12" * 4_000
WORDS = [{"word": "Hello.", "start_ms": 20, "end_ms": 400}]


def main() -> None:
    django.setup()
    from django.core.management import call_command
    from django.db import connection, transaction
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    executor.migrate(OLD)
    with transaction.atomic():
        fill(executor.loader.project_state(OLD).apps)
    call_command("migrate", verbosity=0)
    sys.stdout.write(f"{json.dumps(present(), default=str)}\n")


def fill(apps: Any) -> None:
    Clip, Prompt = apps.get_model("catalog", "Clip"), apps.get_model("catalog", "Prompt")
    uploaded = Clip.objects.create(
        name="Uploaded",
        text="Hello.",
        words=WORDS,
        original="clips/originals/hello.mp3",
        mulaw=SOUND,
        duration_ms=500,
        loudness_lufs=-19.5,
        sha256=hashlib.sha256(SOUND).hexdigest(),
    )
    silent = Clip.objects.create(name="Silent", text="Never recorded.")
    prompts = {
        (name, version): Prompt.objects.create(
            name=name, version=version, text=f"{name} {version}.", note=f"Note {version}"
        )
        for name, version in (
            ("Sales", 1),
            ("Sales", 2),
            ("Sales", 3),
            ("Sales v1", 1),
            ("Unused", 1),
            ("Unused", 2),
            (LONG_NAME, 1),
            (LONG_NAME, 2),
        )
    }
    braces = Prompt.objects.create(
        name="Braces", version=1, text='{business_name}: {custmer} {0} {{x}} {"a": 1} { }'
    )
    add_agents(apps, uploaded, silent, prompts, braces)
    apps.get_model("catalog", "Tool").objects.create(name="end_call", stage="full", enabled=False)
    apps.get_model("catalog", "CatalogRevision").objects.create(cause="agent saved")


def add_agents(apps: Any, uploaded: Any, silent: Any, prompts: Any, braces: Any) -> None:
    def agent(name: str, prompt: Any, **clips: Any) -> Any:
        return apps.get_model("catalog", "Agent").objects.create(
            name=name, business_name="Birch", greeting_text="Hi.", prompt=prompt, **clips
        )

    vera = agent("Vera", prompts["Sales", 1], greeting_clip=silent, apology_clip=uploaded)
    agent("Otto", prompts["Sales", 2], greeting_clip=uploaded, apology_clip=silent)
    agent("Nora", prompts["Sales v1", 1])
    agent("Long 1", prompts[LONG_NAME, 1])
    agent("Long 2", prompts[LONG_NAME, 2])
    agent("Braces", braces)
    apps.get_model("catalog", "PhoneNumber").objects.create(number="+351200000011", agent=vera)


def present() -> dict[str, Any]:
    """What became of it, and what callers are served."""
    from catalog.models import Agent, CatalogRevision, Clip, Prompt, Tool
    from catalog.snapshot_loading import load_snapshot, newest_revision

    snapshot = load_snapshot(newest_revision())
    return {
        "prompts": {
            prompt.name: {
                "published": prompt.published and prompt.published.version,
                "texts": {row.version: row.text for row in prompt.versions.all()},
                "notes": {row.version: row.note for row in prompt.versions.all()},
                "agents": sorted(agent.name for agent in prompt.agents.all()),
            }
            for prompt in Prompt.objects.all()
        },
        "clips": {clip.name: recording(clip) for clip in Clip.objects.all()},
        "agents": {
            agent.name: {"greeting": agent.greeting_clip, "apology": agent.apology_clip}
            for agent in Agent.objects.all()
        },
        "tools": {tool.name: [tool.stage, tool.enabled] for tool in Tool.objects.all()},
        "causes": [revision.cause for revision in CatalogRevision.objects.all()],
        "numbers": dict(snapshot.numbers),
        "served_prompts": {spec.name: spec.prompt.text for spec in snapshot.agents.values()},
        "served_names": {pk: spec.name for pk, spec in snapshot.agents.items()},
    }


def recording(clip: Any) -> dict[str, Any] | None:
    row = clip.published
    assert clip.recordings.count() == (1 if row else 0)
    if row is None:
        return None
    names = ("version", "text", "words", "source", "duration_ms", "sha256", "published_at")
    return {
        **{name: getattr(row, name) for name in names},
        "original": row.original.name,
        "loudness": row.loudness_after_lufs,
        "sound": hashlib.sha256(bytes(row.mulaw)).hexdigest(),
    }


if __name__ == "__main__":
    main()
