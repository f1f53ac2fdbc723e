"""Rows as Supabase sends them. What is not of its type is refused, and says nothing of itself."""

from typing import Annotated, TypeVar

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StrictInt,
    StrictStr,
    TypeAdapter,
    ValidationError,
)

from customers.errors import DirectoryError
from customers.records import Appointment, CustomerRecord

# Strict: true would be the customer with the number 1.
Key = StrictInt | StrictStr


def _written_out(value: object) -> object:
    """Times come as text; 5 would be a moment of 1970."""
    if not isinstance(value, str):
        raise ValueError("not a time")
    return value


Moment = Annotated[AwareDatetime, BeforeValidator(_written_out)]


class _Row(BaseModel):
    # Tables may have more columns than these.
    model_config = ConfigDict(extra="ignore")


class AnyRow(_Row):
    """A row of which only that it is there is asked."""


class CustomerRow(_Row):
    id: Key
    name: str
    phone: str
    language: str | None = ""
    status: str | None = ""
    notes: str | None = ""

    def with_facts(self, facts: tuple[str, ...]) -> CustomerRecord:
        return CustomerRecord(
            customer_id=self.id,
            name=self.name,
            language=self.language or "",
            status=self.status or "",
            notes=self.notes or "",
            facts=facts,
        )


class PhoneRow(_Row):
    customer_id: Key
    number: str


class FactRow(_Row):
    text: str


class TimesRow(_Row):
    starts_at: Moment
    ends_at: Moment


class AppointmentRow(TimesRow):
    id: Key
    customer_id: Key
    calendar: str
    reason: str | None = ""

    @property
    def value(self) -> Appointment:
        return Appointment(
            appointment_id=self.id,
            customer_id=self.customer_id,
            calendar=self.calendar,
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            reason=self.reason or "",
        )


RowT = TypeVar("RowT")


def read(kind: type[RowT], document: object) -> list[RowT]:
    try:
        return TypeAdapter(list[kind]).validate_python(document)  # type: ignore[valid-type]
    except ValidationError as error:
        # Of a place, the first part is the number of the row. A whole row has no second one.
        odd = sorted({str(problem["loc"][1]) for problem in error.errors() if problem["loc"][1:]})
        raise DirectoryError(
            f"Supabase sent rows that do not fit docs/supabase.sql: {', '.join(odd) or 'no rows'}."
        ) from None
