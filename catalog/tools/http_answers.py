"""What a server answered, as the JSON that the agent is told."""

import json
from typing import Any

import httpx2

from catalog.tools.headers import redacted

DEEPEST = 32  # What is nested deeper is told as text.
WESTERN = ("iso-8859-1", "iso-8859-15", "latin-1", "windows-1252")


def told(answer: httpx2.Response) -> Any:
    """JSON if it is that, its text otherwise; without the secrets that were sent."""
    try:
        found = _clean(json.loads(answer.content), DEEPEST)
    except (ValueError, RecursionError):
        found = _text(answer)
    return redacted(found)


def _text(answer: httpx2.Response) -> str:
    # No other encoding that a server may name: some take seconds to unpack.
    named = (answer.charset_encoding or "").lower()
    return answer.content.decode(named if named in WESTERN else "utf-8", "replace").strip()


def _clean(part: Any, depth: int) -> Any:
    """Raises ValueError for what is nested too deep."""
    if depth == 0:
        raise ValueError("nested too deep")
    if isinstance(part, str):
        # Half a character, written as an escape, could be neither kept nor sent.
        return part.encode("utf-8", "replace").decode("utf-8")
    if isinstance(part, dict):
        return {_clean(name, depth): _clean(item, depth - 1) for name, item in part.items()}
    if isinstance(part, list):
        return [_clean(item, depth - 1) for item in part]
    return part
