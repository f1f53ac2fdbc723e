"""Everything of one customer goes, and nothing of anybody else; in both directories."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from asgiref.sync import sync_to_async

from customers.directory import CustomerDirectory
from customers.records import CustomerRecord, Holdings
from staff.models import AuditEntry
from tests.customers.directories import Storage

ANA, ALSO_ANA, BEA = "+351200000011", "+351200000013", "+351200000012"
TEN = datetime(2031, 12, 1, 10, 0, tzinfo=UTC)
HALF_HOUR = timedelta(minutes=30)
ALL_OF_ANA = Holdings(customers=1, numbers=(ANA, ALSO_ANA), facts=2, appointments=1)


async def with_everything(storage: Storage) -> CustomerRecord:
    directory = storage.directory
    ana = await directory.create_customer(ANA, "Ana Reis", "pt")
    await sync_to_async(storage.add_number)(ana.customer_id, ALSO_ANA)
    await directory.add_fact(ana.customer_id, "Prefers mornings.")
    await directory.add_fact(ana.customer_id, "Has a dog.")
    await directory.book(ana.customer_id, "main", TEN, TEN + HALF_HOUR, "Check-up")
    return ana


async def test_it_says_what_there_is_and_takes_nothing(storage: Storage) -> None:
    ana = await with_everything(storage)
    assert await storage.directory.holdings(ANA) == ALL_OF_ANA
    assert await storage.directory.holdings(ALSO_ANA) == ALL_OF_ANA
    found = await storage.directory.find_by_phone(ANA)
    assert found is not None and found.customer_id == ana.customer_id


@pytest.mark.parametrize("by", [ANA, ALSO_ANA, "+351 200 000 011"])
async def test_everything_goes_by_any_of_their_numbers(storage: Storage, by: str) -> None:
    directory = storage.directory
    ana = await with_everything(storage)
    assert await directory.erase(by) == ALL_OF_ANA
    for number in (ANA, ALSO_ANA):
        assert await directory.find_by_phone(number) is None
    assert await directory.facts(ana.customer_id) == ()
    assert await sync_to_async(storage.statuses)() == []
    assert await directory.taken("main", TEN, TEN + HALF_HOUR) == ()


async def test_a_second_time_there_is_nothing_left(storage: Storage) -> None:
    await with_everything(storage)
    await storage.directory.erase(ANA)
    assert await storage.directory.erase(ANA) == Holdings()
    assert await storage.directory.holdings(ALSO_ANA) == Holdings()


async def test_nobody_else_loses_anything(storage: Storage) -> None:
    directory = storage.directory
    await with_everything(storage)
    bea = await directory.create_customer(BEA, "Bea Sousa", "pt")
    await directory.add_fact(bea.customer_id, "Has a cat.")
    await directory.book(bea.customer_id, "main", TEN + HALF_HOUR, TEN + 2 * HALF_HOUR, "")
    await directory.erase(ANA)
    assert await directory.holdings(BEA) == Holdings(1, (BEA,), 1, 1)
    assert await directory.facts(bea.customer_id) == ("Has a cat.",)


@pytest.mark.parametrize("number", ["", "anonymous", "+266696687", "+351", "'; drop table", BEA])
async def test_it_erases_nobody_by_a_number_nobody_has(
    directory: CustomerDirectory, number: str
) -> None:
    await directory.create_customer(ANA, "Ana Reis", "pt")
    assert await directory.erase(number) == Holdings()
    assert await directory.find_by_phone(ANA) is not None


@pytest.mark.django_db
def test_the_audit_log_tells_of_the_erasure_and_not_of_the_person(ana: object) -> None:
    from customers.local_erasure import erase

    erase(ANA)
    rows = [
        json.dumps([row.object_repr, row.changes, row.additional_data])
        for row in AuditEntry.objects.filter(action=AuditEntry.Action.DELETE)
    ]
    assert rows
    assert not any("Ana" in row or "200000011" in row for row in rows)
