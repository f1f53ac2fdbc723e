"""Which tools is a call offered at a stage? Those of its snapshot, and of servers that are up."""

from django.conf import settings

from catalog.snapshot import AgentSpec, CatalogSnapshot
from catalog.stages import Stage, includes
from catalog.tools import mcp
from catalog.tools.spec import Needs, ToolSpec


def tools_on_offer(
    snapshot: CatalogSnapshot, agent: AgentSpec, stage: Stage
) -> tuple[ToolSpec, ...]:
    """In a steady order: the same list costs a provider's prompt cache nothing."""
    known = {tool.spec.name for tool in snapshot.tools}
    remote = tuple(
        spec
        for server in snapshot.mcp_servers
        for spec in mcp.tools_of(server)
        if spec.name not in known and _is_at(snapshot, spec, server.stage, stage)
    )
    return tuple(
        spec for spec in (*snapshot.tools_for(stage), *remote) if _can_be_done(spec, agent)
    )


def _is_at(snapshot: CatalogSnapshot, spec: ToolSpec, new_at: Stage, stage: Stage) -> bool:
    setting = snapshot.tool_settings.get(spec.name)
    if setting is None:
        return includes(stage, new_at)
    return setting.enabled and includes(stage, setting.stage)


def _can_be_done(spec: ToolSpec, agent: AgentSpec) -> bool:
    match spec.needs:
        case Needs.TRANSFER_TARGETS:
            return bool(agent.transfer_targets)
        case Needs.WHATSAPP:
            return bool(settings.TWILIO_WHATSAPP_FROM)
    return True
