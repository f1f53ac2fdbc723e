"""A call as tools see it, and a directory in memory, for tests of what tools do with both."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from catalog.tools.context import AppointmentRules, Caller, TransferTarget
from customers.directory import DirectoryError, NoSuchThing, NotAllowed, SlotTaken
from customers.records import Appointment, CustomerRecord, TimeTaken

MARIA = CustomerRecord(7, "Maria Lopes", "pt", "active", "", ("Prefers mornings.",))
MARIAS_NUMBER = "+351200000011"


@dataclass
class FakeCall:
    """A call at five past two on a Sunday; open on weekdays from 9 to 18 with an hour's lunch."""

    number: str | None = MARIAS_NUMBER
    customer: CustomerRecord | None = None
    language: str = "en"
    time_zone: str = "Europe/Lisbon"
    minutes: int = 30
    calendar: str = "main"
    business_name: str = "Silver Birch Dental"
    transfer_targets: tuple[TransferTarget, ...] = ()
    always_open: bool = False
    time: datetime = datetime(2026, 11, 22, 14, 5)  # noqa: DTZ001 (its zone is added below)
    messages: list[str] = field(default_factory=list)
    goodbyes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.caller = Caller(self.number, self.customer)

    @property
    def appointments(self) -> AppointmentRules:
        return AppointmentRules(self.calendar, self.minutes)

    def now(self) -> datetime:
        return self.time.replace(tzinfo=ZoneInfo(self.time_zone))

    def is_open(self, at: datetime) -> bool:
        if self.always_open:
            return True
        return at.weekday() < 5 and at.hour in (9, 10, 11, 12, 14, 15, 16, 17)

    def customer_is(self, customer: CustomerRecord) -> None:
        self.caller = Caller(self.caller.number, customer)

    async def end_call(self, goodbye: str) -> None:
        self.goodbyes.append(goodbye)

    async def transfer(self, target: TransferTarget, announcement: str, summary: str) -> None:
        raise AssertionError("nothing here transfers")

    async def send_whatsapp(self, text: str) -> None:
        self.messages.append(text)

    def at(self, text: str) -> datetime:
        """Such as "2026-12-01 15:00", at the business."""
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(self.time_zone))


@dataclass
class FakeDirectory:
    """Customers by their number. `away` fails every question."""

    people: dict[str, CustomerRecord] = field(default_factory=dict)
    booked: list[Appointment] = field(default_factory=list)
    away: bool = False
    asked: list[str] = field(default_factory=list)

    async def find_by_phone(self, number: str) -> CustomerRecord | None:
        self._answer("find_by_phone")
        return self.people.get(number)

    async def create_customer(self, number: str, name: str, language: str) -> CustomerRecord:
        self._answer("create_customer")
        new = CustomerRecord(len(self.people) + 1, name, language, "lead", "")
        return self.people.setdefault(number, new)

    async def update_status(self, customer_id: int | str, status: str) -> CustomerRecord:
        self._answer("update_status")
        if status not in ("lead", "active", "closed"):
            raise NotAllowed
        return self._change(customer_id, status=status)

    async def facts(self, customer_id: int | str) -> tuple[str, ...]:
        self._answer("facts")
        return self._customer(customer_id).facts

    async def add_fact(self, customer_id: int | str, text: str) -> tuple[str, ...]:
        self._answer("add_fact")
        facts = dict.fromkeys((*self._customer(customer_id).facts, text))
        return self._change(customer_id, facts=tuple(facts)).facts

    async def book(
        self,
        customer_id: int | str,
        calendar: str,
        starts_at: datetime,
        ends_at: datetime,
        reason: str,
    ) -> Appointment:
        self._answer("book")
        for other in self._in(calendar, starts_at, ends_at):
            if (other.customer_id, other.starts_at) == (customer_id, starts_at):
                return other
            raise SlotTaken
        new = Appointment(len(self.booked) + 1, customer_id, calendar, starts_at, ends_at, reason)
        self.booked.append(new)
        return new

    async def appointments(
        self, customer_id: int | str, after: datetime
    ) -> tuple[Appointment, ...]:
        self._answer("appointments")
        own = [it for it in self.booked if it.customer_id == customer_id and it.ends_at > after]
        return tuple(sorted(own, key=lambda it: it.starts_at))

    async def taken(
        self, calendar: str, after: datetime, before: datetime
    ) -> tuple[TimeTaken, ...]:
        self._answer("taken")
        return tuple(
            TimeTaken(it.starts_at, it.ends_at) for it in self._in(calendar, after, before)
        )

    async def cancel(self, customer_id: int | str, appointment_id: int | str) -> Appointment:
        self._answer("cancel")
        for it in self.booked:
            if (it.customer_id, it.appointment_id) == (customer_id, appointment_id):
                self.booked.remove(it)
                return it
        raise NoSuchThing

    def take(self, call: FakeCall, *starts: str, whose: int = 99) -> None:
        """Give times away, to somebody else unless told whose."""
        for text in starts:
            start = call.at(text)
            end = start + timedelta(minutes=call.minutes)
            number = len(self.booked) + 1
            self.booked.append(Appointment(number, whose, call.calendar, start, end))

    def _answer(self, question: str) -> None:
        self.asked.append(question)
        if self.away:
            raise DirectoryError("The database is away.")

    def _in(self, calendar: str, start: datetime, end: datetime) -> Iterable[Appointment]:
        return [
            it
            for it in self.booked
            if it.calendar == calendar and it.starts_at < end and start < it.ends_at
        ]

    def _customer(self, customer_id: int | str) -> CustomerRecord:
        for customer in self.people.values():
            if customer.customer_id == customer_id:
                return customer
        raise NoSuchThing

    def _change(self, customer_id: int | str, **changes: object) -> CustomerRecord:
        changed = replace(self._customer(customer_id), **changes)
        for number, customer in self.people.items():
            if customer.customer_id == customer_id:
                self.people[number] = changed
        return changed
