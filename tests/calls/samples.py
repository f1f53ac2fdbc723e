"""An agent, a clip, a customer, a catalog and a call, as the tests of a call use them."""

import dataclasses
from types import MappingProxyType
from typing import Any

from calls.tickets import CallTicket
from catalog import mulaw
from catalog.snapshot import (
    AgentSpec,
    CatalogSnapshot,
    ClipAudio,
    GreetingPolicy,
    OutOfHours,
    PromptText,
)
from catalog.stages import Stage
from customers.records import CustomerRecord

CALL_SID = "CA" + "a1" * 16
OTHER_CALL_SID = "CA" + "b2" * 16
ACCOUNT_SID = "AC" + "c3" * 16
STREAM_SID = "MZ" + "d4" * 16
AUTH_TOKEN = "the-auth-token-of-the-tests"
DIALLED_NUMBER = "+351200000001"
CALLER_NUMBER = "+351200000002"

AGENT = AgentSpec(
    agent_id=1,
    name="Reception",
    business_name="Silver Birch Dental",
    language="en",
    voice_id="",
    prompt=PromptText(1, "Receptionist", 1, "You answer for {business_name} on {today}."),
    greeting_text="Hello, how can I help you?",
    greeting_clip=None,
    one_moment_clip=None,
    apology_clip=None,
    out_of_hours_clip=None,
    out_of_hours=OutOfHours.CONVERSE,
    hours=(),
    greeting_policy=GreetingPolicy.INTERRUPTIBLE,
    tools_at_start=Stage.CRITICAL,
    tools_later=Stage.ESSENTIAL,
    time_zone="Europe/Lisbon",
    transfer_number="",
    max_call_seconds=1800,
    most_calls=None,
    record_calls=False,
)
CUSTOMER = CustomerRecord(
    customer_id=7,
    name="Maria Silva",
    language="pt",
    status="active",
    notes="Prefers mornings.",
    facts=("Had a check-up in March.",),
)


def agent(**changes: Any) -> AgentSpec:
    return dataclasses.replace(AGENT, **changes)


def customer(**changes: Any) -> CustomerRecord:
    return dataclasses.replace(CUSTOMER, **changes)


def clip(duration_ms: int = 2_000, text: str = "one two three four", **changes: Any) -> ClipAudio:
    audio = bytes([mulaw.SILENCE]) * (duration_ms * 8)
    sample = ClipAudio(
        clip_id=1,
        name="Greeting",
        version=1,
        text=text,
        words=(),
        duration_ms=duration_ms,
        mulaw=audio,
        payloads=mulaw.payloads(audio),
    )
    return dataclasses.replace(sample, **changes)


def catalog(
    default: AgentSpec | None = AGENT, numbers: dict[str, AgentSpec] | None = None
) -> CatalogSnapshot:
    numbers = numbers or {}
    agents = [*([default] if default else []), *numbers.values()]
    return CatalogSnapshot(
        revision=42,
        agents=MappingProxyType({spec.agent_id: spec for spec in agents}),
        numbers=MappingProxyType({number: spec.agent_id for number, spec in numbers.items()}),
        default_agent_id=default.agent_id if default else None,
        tools=(),
    )


class Lookup:
    """A customer look-up that never ends, and knows whether it was given up."""

    def __init__(self) -> None:
        self.cancelled = False

        self.stayed = False

    def cancel(self) -> None:
        self.cancelled = True

    def stays_here(self) -> None:
        self.stayed = True


def ticket(call_sid: str = CALL_SID, **changes: Any) -> CallTicket:
    values: dict[str, Any] = {
        "call_sid": call_sid,
        "account_sid": ACCOUNT_SID,
        "caller_number": CALLER_NUMBER,
        "agent": AGENT,
        "snapshot": catalog(),
        "prefetch": Lookup(),
        **changes,
    }
    return CallTicket(**values)
