"""The catalog's pages in the admin: importing them registers them."""

from catalog.admin import agents, clips, http_tools, mcp_servers, prompts, revisions, tools

__all__ = ["agents", "clips", "http_tools", "mcp_servers", "prompts", "revisions", "tools"]
