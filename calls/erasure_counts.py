"""How much there is of one caller, by kind, in words that staff read."""

from dataclasses import dataclass

from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True)
class Counts:
    calls: int = 0
    utterances: int = 0
    tool_runs: int = 0
    recordings: int = 0
    surveys: int = 0
    reviews: int = 0
    customers: int = 0
    further_numbers: int = 0
    facts: int = 0
    appointments: int = 0

    @property
    def is_nothing(self) -> bool:
        return not (self.calls or self.customers)

    def lines(self) -> list[tuple[str, int]]:
        return [
            (_("Calls: number, name, summary, details"), self.calls),
            (_("Utterances"), self.utterances),
            (_("Tool runs: what was asked and answered"), self.tool_runs),
            (_("Recordings"), self.recordings),
            (_("Surveys"), self.surveys),
            (_("Notes and tags of reviews"), self.reviews),
            (_("Customers"), self.customers),
            (_("Further numbers of the customer, and the calls from them"), self.further_numbers),
            (_("Facts about the customer"), self.facts),
            (_("Appointments, also those ahead"), self.appointments),
        ]


def not_ours() -> list[str]:
    """Where else something of a caller may be: only whoever keeps that can erase it."""
    return [
        _("Twilio: its log of calls and of WhatsApp messages."),
        _("OpenAI and Cartesia: what they keep of requests, as your contracts with them say."),
        _("Systems of yours that webhooks and tools told of this caller."),
        _("Exported files, and backups of the database."),
    ]
