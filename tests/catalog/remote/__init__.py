"""MCP servers of somebody else, as processes of their own."""
