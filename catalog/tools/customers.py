"""Who is calling, and what do we know of them?"""

from dataclasses import replace
from typing import Annotated

from django.utils.translation import gettext as _

from catalog.stages import Stage
from catalog.tools.context import ToolContext, ToolError, ToolOutcome
from catalog.tools.kept_text import one_line
from catalog.tools.person import known_person_on, number_of, person_on, records
from catalog.tools.registry import tool
from customers.directory import NotAllowed
from customers.records import CustomerRecord

MOST_NAME_CHARS = 120
MOST_FACT_CHARS = 500


# No phone number among the parameters: a caller could otherwise ask for anybody's record.
@tool(stage=Stage.ESSENTIAL, aliases=("get_customer_by_phone",))
async def get_customer(context: ToolContext) -> ToolOutcome:
    """Tell what is on record about the person on this call."""
    withheld = context.caller.number is None
    customer = context.caller.customer if withheld else await person_on(context)
    if customer is None:
        return ToolOutcome(ok=True, data={"known": False})
    return ToolOutcome(
        ok=True,
        data={
            "known": True,
            "name": customer.name,
            "language": customer.language,
            "status": customer.status,
            "notes": customer.notes,
            "facts": list(customer.facts),
        },
    )


@tool(stage=Stage.ESSENTIAL, changes_something=True, may_repeat=False, most_runs=3)
async def create_customer(
    context: ToolContext, name: Annotated[str, "The name as the caller said it."]
) -> ToolOutcome:
    """Put the person on this call on record, once they have told their name. Their telephone number
    is known already: never ask for it.
    """
    asked_name = one_line(name)
    number = number_of(context)
    if not asked_name:
        raise ToolError(_("May I have your name?"))
    if len(asked_name) > MOST_NAME_CHARS:
        raise ToolError(_("That name is too long for our records. Is there a shorter one?"))
    known = await person_on(context)
    if known is not None:
        return _on_record(known)
    with records() as kept_in:
        customer = await kept_in.create_customer(number, asked_name, context.language)
    context.customer_is(customer)
    return _on_record(customer)


@tool(stage=Stage.FULL, changes_something=True, most_runs=5)
async def update_customer_status(
    context: ToolContext, status: Annotated[str, "Such as lead, active or closed."]
) -> ToolOutcome:
    """Change the status of the person on this call in our records."""
    customer = await known_person_on(context)
    try:
        with records() as kept_in:
            changed = await kept_in.update_status(customer.customer_id, one_line(status))
    except NotAllowed as error:
        raise ToolError(_("There is no such status in our records.")) from error
    context.customer_is(changed)
    return ToolOutcome(ok=True, data={"status": changed.status})


@tool(stage=Stage.ESSENTIAL)
async def get_customer_facts(context: ToolContext) -> ToolOutcome:
    """Tell what was noted in earlier calls about the person on this call."""
    customer = await known_person_on(context)
    with records() as kept_in:
        facts = await kept_in.facts(customer.customer_id)
    context.customer_is(replace(customer, facts=facts))
    return ToolOutcome(ok=True, data={"facts": list(facts)})


@tool(stage=Stage.FULL, changes_something=True, may_repeat=False)
async def add_customer_fact(
    context: ToolContext,
    fact: Annotated[str, "One sentence, such as: Prefers morning appointments."],
) -> ToolOutcome:
    """Note something about the person on this call that will matter in later calls."""
    text = one_line(fact)
    if not text:
        raise ToolError(_("What would you like me to note?"))
    if len(text) > MOST_FACT_CHARS:
        raise ToolError(_("That is too long for a note. Could you say it in a sentence?"))
    customer = await known_person_on(context)
    with records() as kept_in:
        facts = await kept_in.add_fact(customer.customer_id, text)
    context.customer_is(replace(customer, facts=facts))
    return ToolOutcome(ok=True, data={"facts": list(facts)}, say=_("I have noted that."))


def _on_record(customer: CustomerRecord) -> ToolOutcome:
    return ToolOutcome(
        ok=True,
        data={"name": customer.name},
        say=_("You are on record as %(name)s.") % {"name": customer.name},
    )
