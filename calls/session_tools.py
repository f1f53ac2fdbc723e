"""The call, as far as a tool may touch it: implements catalog.tools.context.ToolContext."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from calls.prompting import seen
from calls.whatsapp import send_whatsapp
from catalog.snapshot import AgentSpec, ClipAudio
from catalog.spoken_fallbacks import Moment, fallback
from catalog.tools.context import AppointmentRules, Caller, ToolError, TransferTarget
from customers.records import CustomerRecord


@dataclass(frozen=True, slots=True)
class Departure:
    """The agent is to leave the call once `last_words` were heard.

    `interruptions` is how often the caller had interrupted when this was asked for.
    """

    last_words: str
    interruptions: int
    hand_over_to: TransferTarget | None = None
    summary: str = ""


class SessionTools:
    """What tools ask for is only noted here; the session does it, in the order of the call."""

    def __init__(self, spec: AgentSpec, caller_number: str | None) -> None:
        self._spec = spec
        self._zone = ZoneInfo(spec.time_zone)
        self._caller = Caller(caller_number)
        self.departures: asyncio.Queue[Departure] = asyncio.Queue()
        self.leaving = False
        self.handing_over: Departure | None = None  # announced and heard: now it is done
        self.interruptions = 0
        self.customer_changed = asyncio.Event()

    @property
    def caller(self) -> Caller:
        return self._caller

    @property
    def one_moment_clip(self) -> ClipAudio:
        return self._spec.one_moment_clip or fallback(Moment.ONE_MOMENT, self._spec.language)

    @property
    def business_name(self) -> str:
        return self._spec.business_name

    @property
    def time_zone(self) -> str:
        return self._spec.time_zone

    @property
    def language(self) -> str:
        return self._spec.language

    @property
    def transfer_targets(self) -> tuple[TransferTarget, ...]:
        return self._spec.transfer_targets

    @property
    def appointments(self) -> AppointmentRules:
        return AppointmentRules(self._spec.calendar, self._spec.appointment_minutes)

    def now(self) -> datetime:
        return datetime.now(self._zone)

    def is_open(self, at: datetime) -> bool:
        return self._spec.is_open(at.astimezone(self._zone))

    async def end_call(self, goodbye: str) -> None:
        self.leaving = True
        last_words = seen(goodbye) if any(map(str.isalnum, goodbye)) else _("Goodbye.")
        self.departures.put_nowait(Departure(last_words, self.interruptions))

    async def transfer(self, target: TransferTarget, announcement: str, summary: str) -> None:
        # Asked again here: whatever a tool was talked into, no other number is ever dialled.
        if target not in self._spec.transfer_targets:
            raise ToolError(_("I cannot put you through to that number."))
        self.leaving = True
        self.departures.put_nowait(
            Departure(seen(announcement), self.interruptions, hand_over_to=target, summary=summary)
        )

    async def send_whatsapp(self, text: str) -> None:
        if self._caller.number is None:
            raise ToolError(_("Your number is withheld, so I cannot write to you."))
        await send_whatsapp(self._caller.number, text)

    def customer_is(self, customer: CustomerRecord) -> None:
        self._caller = Caller(self._caller.number, customer)
        self.customer_changed.set()
