"""What staff are told when something of theirs has gone live."""

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _

from catalog.models import PromptVersion, Recording


def say_it_is_live(request: HttpRequest, version: Recording | PromptVersion) -> None:
    published = _("“%(name)s”, version %(version)d, is published.") % {
        "name": version.clip if isinstance(version, Recording) else version.prompt,
        "version": version.version,
    }
    agents = _agents_with(version)
    if agents:
        heard = _("The next call answered by %(agents)s has it.") % {"agents": ", ".join(agents)}
        messages.success(request, f"{published} {heard}")
    else:
        unused = _("No agent uses it yet: choose it on an agent's page.")
        messages.warning(request, f"{published} {unused}")


def _agents_with(version: Recording | PromptVersion) -> list[str]:
    if isinstance(version, PromptVersion):
        return list(version.prompt.agents.values_list("name", flat=True))
    return [agent.name for agent in version.clip.agents()]
