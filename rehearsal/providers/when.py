"""The day and the time a caller names, as they would be handed to a tool. Pure."""

import re
from dataclasses import dataclass

from rehearsal.providers.spoken_numbers import in_figures

_WEEKDAY = (
    r"(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday"
    r"|(?:segunda|terça|terca|quarta|quinta|sexta)(?:[- ]feira)?|sábado|sabado|domingo)"
)
_MONTH = (
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december"
    r"|janeiro|fevereiro|março|abril|maio|junho|julho|agosto|setembro|outubro|novembro|dezembro)"
)
_DAY = r"\d{1,2}(?:st|nd|rd|th|º)?"
_YEAR = r"(?:,?(?: de)? \d{4})?"
_OF_MONTH = rf"(?:(?:the |dia )?{_DAY}(?: of)?(?: de)? {_MONTH}|{_MONTH} (?:the )?{_DAY}){_YEAR}"
_DATE = re.compile(
    r"\b\d{4}-\d\d-\d\d\b"
    rf"|\b{_WEEKDAY},? (?:dia )?{_OF_MONTH}\b|\b{_OF_MONTH}\b"
    rf"|\b(?:(?:this|next|esta|este|próxima|próximo) )?{_WEEKDAY}"
    r"(?: next week| que vem| da próxima semana| da semana que vem)?\b"
    r"|\b(?:the )?day after tomorrow\b|\bdepois de amanhã|\btomorrow\b|\bamanhã|\btoday\b|\bhoje\b"
    r"|\bin \d+ (?:days|weeks)\b|\bdaqui a \d+ (?:dias|semanas)\b|\bdia \d{1,2}\b",
    re.IGNORECASE,
)
_HALF = (
    r"(?:\s*[ap]\.?\s?m\b\.?| in the (?:morning|afternoon|evening)| at night"
    r"| da (?:manhã|tarde|noite)| de manhã)"
)
_CLOCK = r"\d{1,2}(?:[:.h]\d{2}|h\b)?"
_TIME = re.compile(
    rf"\b(?:half past|(?:a )?quarter (?:past|to)|\d{{1,2}} past) \d{{1,2}}{_HALF}?"
    r"|\b(?:noon|midday|midnight|meio[- ]dia|meia[- ]noite)\b"
    rf"|\b{_CLOCK}(?: e meia)?(?: o'clock| horas)?{_HALF}"
    rf"|\b(?:at|às|as|pelas) ({_CLOCK}\b(?: e meia)?(?: o'clock| horas)?{_HALF}?)(?! de\b)"
    r"|\b\d{1,2}(?:[:h]\d{2}\b|h\b| o'clock| horas| e meia)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class When:
    """In words a tool understands; empty for what was not named."""

    date: str = ""
    time: str = ""

    def or_else(self, earlier: "When") -> "When":
        """What was not named now may have been named before."""
        return When(self.date or earlier.date, self.time or earlier.time)


def when_in(words: str) -> When:
    figures = in_figures(words)
    date = _DATE.search(figures)
    without_date = figures if date is None else figures.replace(date[0], ";", 1)
    time = _TIME.search(without_date)
    return When(
        date=date[0].strip() if date else "",
        time=(time[1] or time[0]).strip(" .") if time else "",
    )
