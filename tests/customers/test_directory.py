"""What a directory promises, kept by both: this project's own database, and Supabase."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from asgiref.sync import sync_to_async

from customers.directory import CustomerDirectory, NoSuchThing, NotAllowed
from customers.records import CustomerRecord
from tests.customers.directories import Storage

ANA, NOBODY = "+351200000011", "+351200000099"
TEN = datetime(2031, 12, 1, 10, 0, tzinfo=UTC)
HALF_HOUR = timedelta(minutes=30)


@pytest.fixture
async def ana(directory: CustomerDirectory) -> CustomerRecord:
    return await directory.create_customer(ANA, "Ana Reis", "pt")


async def test_a_new_customer_is_found_by_their_number(directory: CustomerDirectory) -> None:
    made = await directory.create_customer("+351 200 000 011", "Ana Reis", "pt")
    assert (made.name, made.language, made.status, made.notes, made.facts) == (
        "Ana Reis",
        "pt",
        "lead",
        "",
        (),
    )
    assert await directory.find_by_phone("+351200000011") == made
    assert await directory.find_by_phone("+351 (200) 000-011") == made


@pytest.mark.parametrize("number", [NOBODY, "anonymous", "+266696687", ""])
async def test_nobody_has_an_unknown_or_hidden_number(
    directory: CustomerDirectory, ana: CustomerRecord, number: str
) -> None:
    assert await directory.find_by_phone(number) is None


async def test_a_customer_is_found_by_a_further_number(
    storage: Storage, ana: CustomerRecord
) -> None:
    await sync_to_async(storage.add_number)(ana.customer_id, NOBODY)
    await storage.directory.add_fact(ana.customer_id, "Prefers mornings.")
    found = await storage.directory.find_by_phone(NOBODY)
    assert found == replace(ana, facts=("Prefers mornings.",))


async def test_who_has_the_number_already_stays_as_they_are(
    storage: Storage, ana: CustomerRecord
) -> None:
    await sync_to_async(storage.add_number)(ana.customer_id, NOBODY)
    assert await storage.directory.create_customer(ANA, "Somebody", "en") == ana
    assert await storage.directory.create_customer(NOBODY, "Somebody", "en") == ana


@pytest.mark.parametrize(
    ("number", "name", "language"),
    [
        ("anonymous", "Ana", "pt"),
        ("", "Ana", "pt"),
        (ANA, "", "pt"),
        (ANA, "A" * 121, "pt"),
        (ANA, "Ana", "p" * 17),
    ],
)
async def test_it_refuses_a_customer_it_cannot_keep(
    directory: CustomerDirectory, number: str, name: str, language: str
) -> None:
    with pytest.raises(NotAllowed):
        await directory.create_customer(number, name, language)
    assert await directory.find_by_phone(ANA) is None


async def test_a_status_changes(directory: CustomerDirectory, ana: CustomerRecord) -> None:
    changed = await directory.update_status(ana.customer_id, "vip")
    assert changed == replace(ana, status="vip")
    assert await directory.find_by_phone(ANA) == changed


async def test_it_refuses_a_status_it_does_not_know(
    directory: CustomerDirectory, ana: CustomerRecord
) -> None:
    with pytest.raises(NotAllowed):
        await directory.update_status(ana.customer_id, "emperor")
    assert await directory.find_by_phone(ANA) == ana


async def test_facts_are_kept_in_order_and_once(
    directory: CustomerDirectory, ana: CustomerRecord
) -> None:
    key = ana.customer_id
    assert await directory.facts(key) == ()
    assert await directory.add_fact(key, "Prefers mornings.") == ("Prefers mornings.",)
    both = ("Prefers mornings.", "Has a dog: “Rex”, 100 %, a,b.")
    assert await directory.add_fact(key, both[1]) == both
    assert await directory.add_fact(key, both[0]) == both
    assert await directory.facts(key) == both
    assert await directory.find_by_phone(ANA) == replace(ana, facts=both)


@pytest.mark.parametrize("text", ["", "x" * 501])
async def test_it_refuses_a_fact_it_cannot_keep(
    directory: CustomerDirectory, ana: CustomerRecord, text: str
) -> None:
    with pytest.raises(NotAllowed):
        await directory.add_fact(ana.customer_id, text)
    assert await directory.facts(ana.customer_id) == ()


async def test_it_knows_what_there_is_not(
    directory: CustomerDirectory, ana: CustomerRecord
) -> None:
    nobody = 987654321
    with pytest.raises(NoSuchThing):
        await directory.update_status(nobody, "vip")
    with pytest.raises(NoSuchThing):
        await directory.add_fact(nobody, "Prefers mornings.")
    with pytest.raises(NoSuchThing):
        await directory.book(nobody, "main", TEN, TEN + HALF_HOUR, "")
    with pytest.raises(NoSuchThing):
        await directory.cancel(ana.customer_id, nobody)
    assert await directory.facts(nobody) == ()
    assert await directory.appointments(nobody, TEN) == ()


async def test_the_key_of_another_directory_is_refused(directory: CustomerDirectory) -> None:
    key = "5e0e2f34-95b4-4f4c-8f5a-3c7b1c1f3f10"
    with pytest.raises(NotAllowed):
        await directory.facts(key)
    with pytest.raises(NotAllowed):
        await directory.cancel(key, key)
