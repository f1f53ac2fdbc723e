"""Rows of the catalog, with whatever a test does not care about filled in."""

from typing import Any

from catalog.models import Agent, Clip, Prompt

HALF_A_SECOND = b"\x12" * 4_000


def make_clip(name: str = "Welcome", **fields: Any) -> Clip:
    return Clip.objects.create(name=name, **{"text": "Hello.", "mulaw": HALF_A_SECOND, **fields})


def make_prompt(name: str = "Sales", **fields: Any) -> Prompt:
    return Prompt.objects.create(name=name, **{"text": "Be brief.", **fields})


def make_agent(name: str = "Vera", **fields: Any) -> Agent:
    if "prompt" not in fields:
        fields["prompt"] = make_prompt(f"Prompt of {name}")
    usual = {"business_name": "Birch", "greeting_text": "Hello."}
    return Agent.objects.create(name=name, **{**usual, **fields})
