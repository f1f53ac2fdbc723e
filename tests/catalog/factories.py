"""Rows of the catalog, with whatever a test does not care about filled in."""

from typing import Any

from catalog.models import Agent, CatalogRevision, Clip, Prompt, PromptVersion, Recording
from catalog.publishing import publish, publish_prompt_version, publish_recording
from catalog.snapshot import CatalogSnapshot
from catalog.snapshot_loading import load_snapshot, newest_revision

HALF_A_SECOND = b"\x12" * 4_000


def make_recording(clip: Clip, **fields: Any) -> Recording:
    """The clip's next version, not published."""
    newest = clip.newest
    number = newest.version + 1 if newest else 1
    usual = {"text": "Hello.", "mulaw": HALF_A_SECOND, "version": number}
    return Recording.objects.create(clip=clip, **{**usual, **fields})


def make_clip(name: str = "Welcome", **fields: Any) -> Clip:
    """A clip with one recording, which is published."""
    clip = Clip.objects.create(name=name)
    publish_recording(make_recording(clip, **fields))
    return clip


def make_version(prompt: Prompt, text: str, **fields: Any) -> PromptVersion:
    """The prompt's next version, not published."""
    newest = prompt.newest
    number = newest.version + 1 if newest else 1
    return PromptVersion.objects.create(prompt=prompt, text=text, **{"version": number, **fields})


def make_prompt(name: str = "Sales", text: str = "Be brief.", **fields: Any) -> Prompt:
    """A prompt with one version, which is published."""
    prompt = Prompt.objects.create(name=name)
    publish_prompt_version(make_version(prompt, text, **fields))
    return prompt


def make_agent(name: str = "Vera", **fields: Any) -> Agent:
    if "prompt" not in fields:
        fields["prompt"] = make_prompt(f"Prompt of {name}")
    usual = {"business_name": "Birch", "greeting_text": "Hello."}
    return Agent.objects.create(name=name, **{**usual, **fields})


def published_snapshot() -> CatalogSnapshot:
    """What calls would be served from, had the test committed its rows: it waits for no commit."""
    publish("A test")
    return load_snapshot(newest_revision())


def newest_document() -> object:
    return CatalogRevision.objects.latest().document
