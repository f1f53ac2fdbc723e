"""customers/local.py: the caller's record from this project's own database."""

import asyncio
import threading

import pytest
from django.core.management import call_command
from django.db import OperationalError

from customers import local
from customers.directory import DirectoryError, get_directory
from customers.local import LocalDirectory
from customers.models import Customer
from customers.records import CustomerRecord

pytestmark = pytest.mark.django_db(transaction=True)

MARIA = "+12025550143"


@pytest.fixture(autouse=True)
def known_customer() -> None:
    call_command("loaddata", "rehearsal", verbosity=0)


@pytest.fixture
def directory() -> LocalDirectory:
    return LocalDirectory()


async def test_it_finds_a_customer_however_the_number_is_written(directory: LocalDirectory) -> None:
    record = await directory.find_by_phone("+1 (202) 555-0143")
    assert record is not None
    assert (record.name, record.status, record.language) == ("Maria Lopes", "active", "en")
    assert record.facts == ("Prefers morning appointments.",)


@pytest.mark.parametrize("number", ["+12025550199", "anonymous", ""])
async def test_it_finds_nobody_for_unknown_and_hidden_numbers(
    directory: LocalDirectory, number: str
) -> None:
    assert await directory.find_by_phone(number) is None


async def test_it_says_what_to_do_when_the_database_does_not_answer(
    directory: LocalDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_: object) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr(Customer.objects, "prefetch_related", down)
    with pytest.raises(DirectoryError, match=r"manage\.py migrate"):
        await directory.find_by_phone(MARIA)


async def test_a_slow_look_up_does_not_hold_up_the_next_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Django's shared database thread would queue the second caller behind the first."""
    slow_is_running, let_go = threading.Event(), threading.Event()
    really = local.find_customer

    def sometimes_slow(number: str) -> CustomerRecord | None:
        if number != MARIA:
            slow_is_running.set()
            assert let_go.wait(10.0)
        return really(number)

    monkeypatch.setattr(local, "find_customer", sometimes_slow)
    directory = LocalDirectory()
    slow = asyncio.create_task(directory.find_by_phone("+12025550199"))
    assert await asyncio.to_thread(slow_is_running.wait, 10.0)
    record = await asyncio.wait_for(directory.find_by_phone(MARIA), 5.0)
    assert record is not None and not slow.done()
    let_go.set()
    assert await slow is None


def test_the_process_has_one_directory() -> None:
    assert get_directory() is get_directory()
