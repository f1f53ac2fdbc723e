"""What staff may write in braces in a prompt, and what is put in its place."""

import re
from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

# Each with what staff read of it beside the prompt.
VARIABLES: Mapping[str, object] = {
    "business_name": gettext_lazy("The name of the business, as the agent has it."),
    "agent_name": gettext_lazy("The name of the agent."),
    "today": gettext_lazy("The date of the call, where the business is."),
    "customer_name": gettext_lazy("Who is calling, or “the caller” while that is not known."),
    "transfer_number": gettext_lazy("The number callers who ask for a person are sent to."),
}

# {name} is a variable, {{name}} the same in single braces. Any other brace stays as it was typed,
# so that staff can show the model what JSON looks like.
_IN_BRACES = re.compile(r"\{\{(\w+)\}\}|\{(\w+)\}")


def unknown_variables(text: str) -> list[str]:
    """Names in braces that nothing is put in the place of, each once, in their order."""
    names = (match[2] for match in _IN_BRACES.finditer(text) if match[2])
    return list(dict.fromkeys(name for name in names if name not in VARIABLES))


def unknown_variables_sentence(unknown: list[str]) -> str:
    return _("Unknown: %(unknown)s. What can be filled in is %(known)s.") % {
        "unknown": ", ".join(f"{{{name}}}" for name in unknown),
        "known": ", ".join(f"{{{name}}}" for name in VARIABLES),
    }


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with every variable replaced that has a value; values are not looked into."""

    def replacement(match: "re.Match[str]") -> str:
        if match[1]:
            return f"{{{match[1]}}}"
        return values.get(match[2], match[0])

    return _IN_BRACES.sub(replacement, text)
