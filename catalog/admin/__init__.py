"""The catalog's pages in the admin: importing them registers them."""

from catalog.admin import agents, clips, prompts, revisions, tools

__all__ = ["agents", "clips", "prompts", "revisions", "tools"]
