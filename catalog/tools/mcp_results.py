"""What a remote tool answered, as the outcome that the model is told."""

import json
from typing import Any

from mcp.types import CallToolResult, TextContent

from catalog.tools.context import ToolOutcome
from catalog.tools.headers import redacted

# A little more than the model is shown, so that it is told that something was cut off.
MOST_CHARS = 8_000


def outcome_of(result: CallToolResult) -> ToolOutcome:
    """Its text; its structured content where there is none. Pictures and sounds are left out."""
    text = "\n".join(
        block.text for block in result.content if isinstance(block, TextContent) and block.text
    )
    if not text and result.structured_content is not None:
        text = _written(result.structured_content)
    return ToolOutcome(ok=not result.is_error, data={"text": told(text)})


def told(text: str) -> str:
    """Without the secrets that were sent, and of a bounded size: cut first, part of one stays."""
    return str(redacted(text))[:MOST_CHARS]


def _written(content: Any) -> str:
    try:
        return json.dumps(content, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        return ""
