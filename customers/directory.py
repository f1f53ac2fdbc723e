"""Where callers are looked up, and what is noted about them, whatever holds it."""

from datetime import datetime
from functools import cache
from typing import Protocol

from django.conf import settings

from customers.errors import DirectoryError, NoSuchThing, NotAllowed, SlotTaken
from customers.local import LocalDirectory
from customers.records import Appointment, CustomerRecord, Holdings, TimeTaken

__all__ = [
    "CustomerDirectory",
    "DirectoryError",
    "NoSuchThing",
    "NotAllowed",
    "SlotTaken",
    "get_directory",
    "prepare",
]


class CustomerDirectory(Protocol):
    """Each method raises DirectoryError when the directory cannot answer.

    It waits for no longer than the caller of it does: whoever asks sets the deadline.
    """

    def prepare(self) -> None:
        """Do what the first question would otherwise wait for."""
        ...

    async def find_by_phone(self, number: str) -> CustomerRecord | None:
        """The customer of this number, E.164 or as a network spells it; None if there is none."""
        ...

    async def create_customer(self, number: str, name: str, language: str) -> CustomerRecord:
        """The new customer, or the one who has this number already, unchanged."""
        ...

    async def update_status(self, customer_id: int | str, status: str) -> CustomerRecord:
        """Raises NoSuchThing, and NotAllowed for a status the directory does not know."""
        ...

    async def facts(self, customer_id: int | str) -> tuple[str, ...]:
        """The oldest first. Empty for a customer who is not there."""
        ...

    async def add_fact(self, customer_id: int | str, text: str) -> tuple[str, ...]:
        """All facts, with this one. The same fact twice is one. Raises NoSuchThing."""
        ...

    async def book(
        self,
        customer_id: int | str,
        calendar: str,
        starts_at: datetime,
        ends_at: datetime,
        reason: str,
    ) -> Appointment:
        """The appointment. This customer's own at exactly that time is returned as it stands.

        Raises SlotTaken when it would overlap another of the calendar (of whichever customer), as
        the storage itself decides, and NoSuchThing for a customer who is not there.
        """
        ...

    async def appointments(
        self, customer_id: int | str, after: datetime
    ) -> tuple[Appointment, ...]:
        """This customer's, not cancelled, that end after the moment; the next one first."""
        ...

    async def taken(
        self, calendar: str, after: datetime, before: datetime
    ) -> tuple[TimeTaken, ...]:
        """What is given away of the calendar between two moments, in order; nobody's names."""
        ...

    async def cancel(self, customer_id: int | str, appointment_id: int | str) -> Appointment:
        """Cancel this customer's appointment; one that is cancelled already stays so.

        Raises NoSuchThing for anybody else's.
        """
        ...

    async def holdings(self, number: str) -> Holdings:
        """What there is of the customer of this number; nothing of somebody unknown."""
        ...

    async def erase(self, number: str) -> Holdings:
        """Erase that customer, with everything that is theirs. What it was; nothing the second
        time.
        """
        ...


@cache
def get_directory() -> CustomerDirectory:
    """One for the process: it owns the threads of its look-ups."""
    if settings.SUPABASE_URL:
        # An installation without Supabase imports nothing of it.
        from customers.supabase import make

        return make()
    return LocalDirectory()


def prepare() -> None:
    """At warm-up: what the first look-up would otherwise import while somebody waits."""
    get_directory().prepare()
