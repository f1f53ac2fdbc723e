"""Everything of one caller goes, wherever this product keeps it; a second time finds nothing.

The number is written down nowhere afterwards: the audit log holds it masked.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection
from dataclasses import asdict, dataclass
from typing import TypeVar

from asgiref.sync import async_to_sync
from auditlog import get_logentry_model
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from calls.call_log import call_log
from calls.call_rows_erasure import (
    Erased,
    erase_opinions,
    erase_words,
    recorded,
    withhold_recordings,
)
from calls.erasure_counts import Counts
from calls.journal_search import CannotRead, is_on_its_way
from calls.masking import masked
from calls.models import OVER, Call, CallReview, Survey, ToolRun, Utterance
from calls.retention import delete_files
from customers.directory import CustomerDirectory, DirectoryError, NotAllowed, get_directory
from customers.phone import normalise
from customers.records import Holdings

MOST_AT_ONCE = 200
DIRECTORY_SECONDS = 20.0
JOURNAL_SECONDS = 10.0
MOST_CHARACTERS = 40

Answer = TypeVar("Answer")


class CannotErase(Exception):
    """The message says to a person why not."""


@dataclass(frozen=True, slots=True)
class Erasure:
    """What went, and how many files of recordings could not be deleted yet."""

    counts: Counts
    files_left: int


def number_of(written: str) -> str:
    """E.164. Raises CannotErase."""
    normalised = normalise(written) if len(written) <= MOST_CHARACTERS else None
    if normalised is None:
        raise CannotErase(
            _(
                "Write + and the country code first, such as +351 200 000 000. Callers who "
                "withhold their number cannot be found by it."
            )
        )
    return normalised


def found_of(written: str) -> Counts:
    """What an erasure would find now. Raises CannotErase."""
    number = number_of(written)
    holdings = _ask(lambda directory: directory.holdings(number))
    numbers = {number, *holdings.numbers}
    _refuse_while_on_the_line(numbers)
    return _counts(_calls_from(numbers), holdings)


def erase_caller(written: str) -> Erasure:
    """Can be done again wherever it stopped. Raises CannotErase."""
    number = number_of(written)
    holdings = _ask(lambda directory: directory.holdings(number))
    numbers = {number, *holdings.numbers}
    _refuse_while_on_the_line(numbers)
    _wait_for_journals(numbers)
    calls = _calls_from(numbers)
    recordings = recorded(calls).count()
    keys = list(calls.values_list("pk", flat=True))
    erased, files_left = _erase_calls(keys)
    # The customer last: until then, their further numbers are found again.
    holdings = _ask(lambda directory: directory.erase(number))
    counts = Counts(
        calls=len(keys),
        utterances=erased.utterances,
        tool_runs=erased.tool_runs,
        recordings=recordings,
        surveys=erased.surveys,
        reviews=erased.reviews,
        **_of_the_directory(holdings),
    )
    _write_down(number, counts)
    return Erasure(counts, files_left)


def _erase_calls(keys: list[int]) -> tuple[Erased, int]:
    total = Erased()
    files_left = 0
    for start in range(0, len(keys), MOST_AT_ONCE):
        some = keys[start : start + MOST_AT_ONCE]
        calls = Call.objects.filter(pk__in=some)
        total += erase_opinions(some)
        total += erase_words(calls, MOST_AT_ONCE, leave_locked=False)
        withhold_recordings(some)
        files_left += delete_files(calls.exclude(recording=""))
    return total, files_left


def _calls_from(numbers: Collection[str]) -> QuerySet[Call]:
    return Call.objects.filter(from_number__in=numbers)


def _refuse_while_on_the_line(numbers: Collection[str]) -> None:
    if _calls_from(numbers).exclude(status__in=OVER).exists():
        raise CannotErase(_("This caller is on the line. Try again after the call."))


def _wait_for_journals(numbers: Collection[str]) -> None:
    """What is not in the rows yet would come after the erasure, with the number in it."""
    call_log.start()  # Also takes over what a killed process left.
    until = time.monotonic() + JOURNAL_SECONDS
    call_log.flush(JOURNAL_SECONDS)
    while _is_on_its_way(numbers):
        if time.monotonic() > until:
            raise CannotErase(
                _("Calls of this caller are still being written down. Try again in a minute.")
            )
        time.sleep(0.1)


def _is_on_its_way(numbers: Collection[str]) -> bool:
    call_sids = set(_calls_from(numbers).values_list("call_sid", flat=True))
    try:
        return is_on_its_way(numbers, call_sids)
    except CannotRead as error:
        raise CannotErase(
            _("The journal %(path)s cannot be read, and may hold something of this caller. Ask "
              "whoever runs the server.") % {"path": error}
        ) from error  # fmt: skip


def _ask(question: Callable[[CustomerDirectory], Awaitable[Answer]]) -> Answer:
    async def asked() -> Answer:
        async with asyncio.timeout(DIRECTORY_SECONDS):
            return await question(get_directory())

    try:
        return async_to_sync(asked)()
    except (DirectoryError, NotAllowed, TimeoutError) as error:
        raise CannotErase(
            _("The customer directory could not be asked. Erase again once it answers: what was "
              "not reached yet is found then.")
        ) from error  # fmt: skip


def _counts(calls: QuerySet[Call], holdings: Holdings) -> Counts:
    of_them = {"call__in": calls}
    noted = CallReview.objects.filter(**of_them).exclude(note="", tags="")
    return Counts(
        calls=calls.count(),
        utterances=Utterance.objects.filter(**of_them).count(),
        tool_runs=ToolRun.objects.filter(**of_them).count(),
        recordings=recorded(calls).count(),
        surveys=Survey.objects.filter(**of_them).count(),
        reviews=noted.count(),
        **_of_the_directory(holdings),
    )


def _of_the_directory(holdings: Holdings) -> dict[str, int]:
    return {
        "customers": holdings.customers,
        "further_numbers": max(0, len(holdings.numbers) - 1),
        "facts": holdings.facts,
        "appointments": holdings.appointments,
    }


def _write_down(number: str, counts: Counts) -> None:
    entries = get_logentry_model()
    entries.objects.create(
        content_type=ContentType.objects.get_for_model(Call),
        object_repr=masked(number),
        action=entries.Action.DELETE,
        additional_data={"erased": asdict(counts)},
    )
