"""The catalog's pages in the admin: importing them registers them."""

from catalog.admin import agents, clips, prompts, tools

__all__ = ["agents", "clips", "prompts", "tools"]
