"""A tool that the caller asks for by its name, such as one that only a server knows. Pure."""

import re

from rehearsal.providers.answers import CallTool

_ASKED = re.compile(
    r"\buse the tool (?P<name>[\w ]+?)(?: with (?P<parameter>\w+) (?P<value>.+?))?\W*$",
    re.IGNORECASE,
)


def tool_asked_for(words: str, offered: frozenset[str]) -> CallTool | None:
    """ "Please use the tool crm search with query Ana": if it is offered, with that argument."""
    asked = _ASKED.search(words)
    if asked is None:
        return None
    wanted = _letters(asked["name"])
    for name in sorted(offered):
        if _letters(name) == wanted:
            value = asked["value"]
            return CallTool(name, {asked["parameter"].lower(): value} if value else {})
    return None


def _letters(name: str) -> str:
    return re.sub(r"[\W_]", "", name).lower()
