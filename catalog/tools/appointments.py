"""The caller's appointments: making one, telling them, cancelling one."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated

from django.utils.translation import gettext as _

from catalog.stages import Stage
from catalog.tools.context import ToolContext, ToolError, ToolOutcome
from catalog.tools.free_times import MOST_DAYS, Slots
from catalog.tools.kept_text import one_line
from catalog.tools.person import person_on, records
from catalog.tools.registry import tool
from catalog.tools.spoken_times import one_of, spoken, spoken_day, spoken_time
from catalog.tools.times import asked_for, moment_of
from customers.directory import SlotTaken
from customers.records import Appointment, CustomerRecord

MOST_REASON_CHARS = 200
MOST_TOLD = 10
WHO_FIRST = "Ask for the name, call create_customer with it, then book_appointment again."

Day = Annotated[str, "As 2026-12-01, or in the caller's own words, such as tomorrow or Tuesday."]
Time = Annotated[str, "As 15:00, or in the caller's own words, such as 3 pm."]


# It may be asked for twice: once it was cancelled, the same booking is a new one. The directory
# sees to it that the same person has it once.
@tool(stage=Stage.ESSENTIAL, timeout_seconds=8.0, changes_something=True)
async def book_appointment(
    context: ToolContext,
    date: Day,
    time: Time,
    reason: Annotated[str, "What it is for, in a few words."] = "",
) -> ToolOutcome:
    """Book an appointment for the person on this call. Call it once they have said day and time;
    it refuses what is outside the business hours or taken, and tells what is free instead.
    """
    person = await person_on(context)
    if person is None:
        say = _("I need your name before I can book anything. May I have it?")
        return ToolOutcome(ok=False, data={"needs": "name", "next": WHO_FIRST}, say=say)
    slots = Slots(context.appointments.minutes, context.is_open)
    now, language = context.now(), context.language
    asked = asked_for(date, time, now, language)
    starts_at = moment_of(asked, now, language, slots.within_hours)
    if not slots.within_hours(starts_at):
        return await _other_times(context, slots, starts_at, _("We are closed then."))
    mine = await _upcoming(context, person)
    calendar = context.appointments.calendar
    if any((own.starts_at, own.calendar) == (starts_at, calendar) for own in mine):
        return _booked(_("You have that appointment already: %(when)s."), starts_at, language)
    try:
        with records() as kept_in:
            await kept_in.book(
                person.customer_id,
                calendar,
                starts_at,
                slots.ends(starts_at),
                one_line(reason)[:MOST_REASON_CHARS],
            )
    except SlotTaken:
        return await _other_times(context, slots, starts_at, _("That time is taken."))
    return _booked(_("Your appointment is booked: %(when)s."), starts_at, language)


@tool(stage=Stage.ESSENTIAL)
async def list_appointments(context: ToolContext) -> ToolOutcome:
    """Tell which appointments the person on this call has."""
    person = await person_on(context)
    mine = await _upcoming(context, person) if person is not None else ()
    told = [_spoken(context, appointment) for appointment in mine[:MOST_TOLD]]
    if not told:
        return ToolOutcome(ok=True, data={"appointments": []}, say=_none())
    return ToolOutcome(
        ok=True,
        data={
            "appointments": list(told),
            "reasons": [appointment.reason for appointment in mine[:MOST_TOLD]],
        },
        say=_("You have an appointment on %(when)s.") % {"when": "; ".join(told)},
    )


@tool(
    stage=Stage.ESSENTIAL,
    timeout_seconds=8.0,
    changes_something=True,
    aliases=("cancel_calendar_event",),
)
async def cancel_appointment(context: ToolContext, date: Day = "", time: Time = "") -> ToolOutcome:
    """Cancel an appointment of the person on this call. Day and time may be left out if they have
    only one.
    """
    person = await person_on(context)
    mine = await _upcoming(context, person) if person is not None else ()
    asked = asked_for(date, time, context.now(), context.language)
    meant = [
        appointment for appointment in mine if asked.fits(_at_the_business(context, appointment))
    ]
    if person is None or not meant:
        raise ToolError(_("I find no appointment of yours for then.") if mine else _none())
    if len(meant) > 1:
        told = [_spoken(context, appointment) for appointment in meant[:MOST_TOLD]]
        raise ToolError(
            _("Which one would you like to cancel: %(choices)s?")
            % {"choices": one_of(told, context.language)}
        )
    with records() as kept_in:
        await kept_in.cancel(person.customer_id, meant[0].appointment_id)
    when = _spoken(context, meant[0])
    return ToolOutcome(
        ok=True, say=_("Your appointment on %(when)s is cancelled.") % {"when": when}
    )


async def _upcoming(context: ToolContext, person: CustomerRecord) -> Sequence[Appointment]:
    with records() as kept_in:
        return await kept_in.appointments(person.customer_id, context.now())


async def _other_times(
    context: ToolContext, slots: Slots, wanted: datetime, why: str
) -> ToolOutcome:
    """What is free instead: in words to say, and in figures to book it by."""
    now = context.now()
    midnight = wanted.replace(hour=0, minute=0)
    with records() as kept_in:
        taken = await kept_in.taken(
            context.appointments.calendar, midnight, midnight + timedelta(days=MOST_DAYS + 1)
        )
    # 5-30 ms for a fortnight that is full: other calls go on meanwhile.
    free = await asyncio.to_thread(slots.nearest_free, wanted, now, taken)
    if not free:
        say = _("%(why)s Nothing is free in the two weeks after that.") % {"why": why}
        return ToolOutcome(ok=False, data={"free": []}, say=say)
    language = context.language
    say = _("%(why)s On %(day)s I could offer %(times)s.") % {
        "why": why,
        "day": spoken_day(free[0], language),
        "times": one_of([spoken_time(start, language) for start in free], language),
    }
    return ToolOutcome(
        ok=False, data={"free": [f"{start:%Y-%m-%d %H:%M}" for start in free]}, say=say
    )


def _booked(sentence: str, starts_at: datetime, language: str) -> ToolOutcome:
    when = spoken(starts_at, language)
    return ToolOutcome(
        ok=True,
        data={"date": f"{starts_at:%Y-%m-%d}", "time": f"{starts_at:%H:%M}", "when": when},
        say=sentence % {"when": when},
    )


def _none() -> str:
    return _("You have no appointment with us.")


def _spoken(context: ToolContext, appointment: Appointment) -> str:
    return spoken(_at_the_business(context, appointment), context.language)


def _at_the_business(context: ToolContext, appointment: Appointment) -> datetime:
    return appointment.starts_at.astimezone(context.now().tzinfo)
