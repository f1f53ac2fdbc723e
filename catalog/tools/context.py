"""What a tool is given and what it gives back."""

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from customers.records import CustomerRecord

Scalar = str | int | float | bool | None
Json = Scalar | Sequence["Json"] | Mapping[str, "Json"]
Data = Mapping[str, Json]

# The same for the same request of the same call, "" for tools that only read. Whoever carries out
# a change elsewhere passes it on, so that a repeated request is recognised there as well.
idempotency_key: ContextVar[str] = ContextVar("idempotency_key", default="")


@dataclass(frozen=True, slots=True)
class Caller:
    """The person on the line; `customer` is None until, and unless, the look-up has found one.

    `number` is E.164, None when it was withheld.
    """

    number: str | None
    customer: CustomerRecord | None = None


@dataclass(frozen=True, slots=True)
class TransferTarget:
    """Somebody a call may be handed to. `number` is E.164; `name` is how callers ask for it."""

    name: str
    number: str


@dataclass(frozen=True, slots=True)
class AppointmentRules:
    """How the business of this call gives appointments."""

    calendar: str
    minutes: int


@dataclass(frozen=True, slots=True)
class ToolOutcome:
    """`data` is what the model reads; `say` is a sentence it can say as it stands."""

    ok: bool
    data: Data = field(default_factory=dict)
    say: str | None = None


class ToolError(Exception):
    """The tool cannot do it; `spoken_message` is a sentence fit for the caller's ears."""

    def __init__(self, spoken_message: str) -> None:
        super().__init__(spoken_message)
        self.spoken_message = spoken_message


class ToolContext(Protocol):
    """The call, as far as a tool may touch it."""

    @property
    def caller(self) -> Caller: ...

    @property
    def business_name(self) -> str: ...

    @property
    def time_zone(self) -> str: ...

    @property
    def language(self) -> str:
        """BCP-47, such as en or pt-BR."""
        ...

    @property
    def transfer_targets(self) -> tuple[TransferTarget, ...]:
        """The only people this call can be handed to, the usual one first."""
        ...

    @property
    def appointments(self) -> AppointmentRules: ...

    def now(self) -> datetime:
        """The time at the business, with its zone."""
        ...

    def is_open(self, at: datetime) -> bool:
        """Whether the business is open at this moment."""
        ...

    def customer_is(self, customer: CustomerRecord) -> None:
        """From now on, this is who is on the line, and what is on record about them."""
        ...

    async def end_call(self, goodbye: str) -> None:
        """Say goodbye, then hang up once it was heard."""
        ...

    async def transfer(self, target: TransferTarget, announcement: str, summary: str) -> None:
        """Say `announcement`, then hand the caller over once it was heard.

        Whoever picks up hears `summary` first. Raises ToolError if `target` is not on the list.
        """
        ...

    async def send_whatsapp(self, text: str) -> None:
        """Send the caller a message. Raises ToolError when that cannot be done."""
        ...
