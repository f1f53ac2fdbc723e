"""The whole catalog as one immutable value: what a call works from, read before the phone rings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from catalog.greeting_policy import GreetingPolicy
from catalog.opening_hours import OpenInterval, is_open
from catalog.out_of_hours import OutOfHours
from catalog.snapshot_mcp import McpServerSpec
from catalog.stages import Stage, includes
from catalog.surveys import SurveyBy
from catalog.tools.context import TransferTarget
from catalog.tools.spec import ToolSpec

__all__ = [
    "AgentSpec",
    "CatalogSnapshot",
    "ClipAudio",
    "GreetingPolicy",
    "McpServerSpec",
    "OfferedTool",
    "OpenInterval",
    "OutOfHours",
    "PromptText",
    "ToolSetting",
    "TransferTarget",
    "WordTiming",
]


@dataclass(frozen=True, slots=True)
class WordTiming:
    word: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class ClipAudio:
    clip_id: int
    name: str
    version: int
    text: str
    words: tuple[WordTiming, ...]
    duration_ms: int
    mulaw: bytes
    payloads: tuple[str, ...]  # base64, about half a second each, ready for the wire


@dataclass(frozen=True, slots=True)
class PromptText:
    prompt_id: int
    name: str
    version: int
    text: str


@dataclass(frozen=True, slots=True)
class AgentSpec:
    agent_id: int
    name: str
    business_name: str
    language: str
    voice_id: str
    prompt: PromptText
    greeting_text: str
    greeting_clip: ClipAudio | None
    one_moment_clip: ClipAudio | None
    apology_clip: ClipAudio | None
    out_of_hours_clip: ClipAudio | None
    out_of_hours: OutOfHours
    hours: tuple[OpenInterval, ...]
    greeting_policy: GreetingPolicy
    tools_at_start: Stage
    tools_later: Stage
    time_zone: str
    transfer_number: str
    max_call_seconds: int
    most_calls: int | None  # at once, in one process; None: as many as the process takes
    record_calls: bool
    transfer_targets: tuple[TransferTarget, ...] = ()  # the usual one first; to no other number
    calendar: str = "main"
    appointment_minutes: int = 30
    consent_clip: ClipAudio | None = None
    busy_clip: ClipAudio | None = None
    offer_call_back: bool = True
    silence_seconds: int | None = None  # None: nobody asks whether the caller is there
    most_cost: float | None = None  # of one call, in the currency of the prices
    survey: SurveyBy = SurveyBy.NONE
    survey_question: str = ""

    def is_open(self, at: datetime) -> bool:
        """Whether the business is open at this moment, which is in the agent's time zone."""
        return is_open(self.hours, at)


@dataclass(frozen=True, slots=True)
class OfferedTool:
    spec: ToolSpec
    stage: Stage


@dataclass(frozen=True, slots=True)
class ToolSetting:
    stage: Stage
    enabled: bool


@dataclass(frozen=True, slots=True)
class CatalogSnapshot:
    revision: int
    agents: Mapping[int, AgentSpec]
    numbers: Mapping[str, int]
    default_agent_id: int | None
    tools: tuple[OfferedTool, ...]
    # By name, also of tools that only a server knows.
    tool_settings: Mapping[str, ToolSetting] = field(default_factory=dict)
    mcp_servers: tuple[McpServerSpec, ...] = ()

    def agent_for(self, dialled_number: str) -> AgentSpec | None:
        """The agent of this number, else the default one, else None."""
        agent_id = self.numbers.get(dialled_number, self.default_agent_id)
        return None if agent_id is None else self.agents.get(agent_id)

    def tools_for(self, stage: Stage) -> tuple[ToolSpec, ...]:
        return tuple(tool.spec for tool in self.tools if includes(stage, tool.stage))
