"""Whose records a tool works on: always the person on the line, and what may go wrong with that."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django.utils.translation import gettext as _

from catalog.tools.context import ToolContext, ToolError
from customers import directory
from customers.directory import CustomerDirectory, DirectoryError, NoSuchThing
from customers.records import CustomerRecord

logger = logging.getLogger(__name__)


@contextmanager
def records() -> Iterator[CustomerDirectory]:
    """The directory; what it cannot do becomes a sentence for the caller."""
    try:
        yield directory.get_directory()
    except DirectoryError as error:
        logger.warning("A tool could not reach the customer directory: %s", error)
        raise ToolError(_("I cannot reach our records at the moment.")) from error
    except NoSuchThing as error:
        raise ToolError(_("I do not find that in our records any more.")) from error


def number_of(context: ToolContext) -> str:
    """E.164. Without it nobody can be told from anybody else."""
    if context.caller.number is None:
        raise ToolError(
            _("Your number is withheld, so I do not know whose records these are.")
            + " "
            + _("Please call again and show your number.")
        )
    return context.caller.number


async def person_on(context: ToolContext) -> CustomerRecord | None:
    """The caller, None if nobody knows them. Looked up when the call had not heard in time."""
    if context.caller.customer is not None:
        return context.caller.customer
    number = number_of(context)
    with records() as found_in:
        customer = await found_in.find_by_phone(number)
    if customer is not None:
        context.customer_is(customer)
    return customer


async def known_person_on(context: ToolContext) -> CustomerRecord:
    customer = await person_on(context)
    if customer is None:
        raise ToolError(_("I do not find you in our records. May I have your name?"))
    return customer
