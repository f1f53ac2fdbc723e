"""What a tool is given and what it gives back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from customers.records import CustomerRecord

Scalar = str | int | float | bool | None
Data = Mapping[str, Scalar | list[Scalar]]


@dataclass(frozen=True, slots=True)
class Caller:
    """The person on the line; `customer` is None until, and unless, the look-up has found one."""

    number: str | None
    customer: CustomerRecord | None = None


@dataclass(frozen=True, slots=True)
class ToolOutcome:
    """`data` is what the model reads; `say` is spoken as it stands, without the model."""

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
    def time_zone(self) -> str: ...

    @property
    def language(self) -> str: ...

    def now(self) -> datetime:
        """The time at the business, with its zone."""
        ...

    async def end_call(self, goodbye: str) -> None:
        """Say goodbye, then hang up once it was heard."""
        ...
