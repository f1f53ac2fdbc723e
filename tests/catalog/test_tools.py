"""catalog/tools/: what each tool does with a call."""

from datetime import datetime
from zoneinfo import ZoneInfo

from catalog.tools.call_control import end_call
from catalog.tools.clock import get_current_time
from catalog.tools.context import Caller
from catalog.tools.customers import get_customer
from customers.records import CustomerRecord

MARIA = CustomerRecord(7, "Maria Lopes", "pt", "active", "", ("Prefers mornings.",))


class FakeCall:
    """A call at five past two on a Sunday in Lisbon."""

    time_zone = "Europe/Lisbon"
    language = "pt"

    def __init__(self, customer: CustomerRecord | None = None) -> None:
        self.caller = Caller("+351200000011", customer)
        self.goodbyes: list[str] = []

    def now(self) -> datetime:
        return datetime(2026, 11, 22, 14, 5, tzinfo=ZoneInfo(self.time_zone))

    async def end_call(self, goodbye: str) -> None:
        self.goodbyes.append(goodbye)


async def test_it_tells_the_time_at_the_business() -> None:
    outcome = await get_current_time(FakeCall())
    assert outcome.data == {
        "date": "2026-11-22",
        "weekday": "Sunday",
        "time": "14:05",
        "time_zone": "Europe/Lisbon",
    }


async def test_it_tells_what_is_known_of_the_caller_and_not_their_number() -> None:
    outcome = await get_customer(FakeCall(MARIA))
    assert outcome.ok and outcome.data["known"] is True
    assert (outcome.data["name"], outcome.data["facts"]) == ("Maria Lopes", ["Prefers mornings."])
    assert "+351" not in str(outcome.data)


async def test_it_says_so_when_the_caller_is_not_known() -> None:
    call = FakeCall()
    call.caller = Caller(None)
    assert (await get_customer(call)).data == {"known": False}


async def test_it_ends_the_call_with_the_goodbye() -> None:
    call = FakeCall()
    assert (await end_call(call, goodbye=" Até logo! ")).ok
    assert call.goodbyes == ["Até logo!"]
