"""What of the catalog a call works with, for its record."""

from calls.happenings import RanWith
from catalog.snapshot import AgentSpec, CatalogSnapshot, ClipAudio


def ran_with(agent: AgentSpec, snapshot: CatalogSnapshot, clip: ClipAudio | None) -> RanWith:
    return RanWith(
        agent_name=agent.name,
        agent_key=agent.agent_id,
        revision=snapshot.revision,
        prompt_name=agent.prompt.name,
        prompt_version=agent.prompt.version,
        clip_name=clip.name if clip is not None else "",
        clip_key=clip.clip_id if clip is not None else None,
        clip_version=clip.version if clip is not None else None,
    )
