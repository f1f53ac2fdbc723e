"""What the caller wants done, as the tool to call for it. Pure.

Every errand needs its tool among those offered; without it, the receptionist only talks.
"""

import re
from collections.abc import Callable

from rehearsal.providers.answers import Answer, CallTool, Say
from rehearsal.providers.conversation import Conversation, ToolResult
from rehearsal.providers.intents import Intent, intent_of
from rehearsal.providers.phrases import Phrases
from rehearsal.providers.when import When, when_in

_END = r"(?=[.,;!?]|\s+(?:please|por favor|and|e)\b|$)"
_PERSON = re.compile(
    r"\b(?:(?:speak|talk) (?:to|with)|(?:connect|transfer|put) me (?:through )?(?:to|with)"
    r"|falar com|passar?(?:-me)?(?: a chamada)? (?:para|ao|à|a)|transferir?(?: a chamada)? para)"
    rf" (?P<to>[^.,;!?]+?){_END}",
    re.IGNORECASE,
)
_ANYBODY = re.compile(
    r"(?:(?:a|an|the|your|some|real|live|human|um|uma|o|a|os|as|de verdade)\b\s*)*"
    r"(?:person|human(?: being)?|someone|somebody|anyone|colleague|agent|operator|representative"
    r"|pessoa|alguém|humano|colega|operador|atendente)?(?: (?:else|real|de verdade))?",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"^(?:the|your|a|an|o|os|as|um|uma)\s+", re.IGNORECASE)
_NOBODY = re.compile(r"^(?:you|me|him|her|them|us|você|ti|si)\b", re.IGNORECASE)
_WHATSAPP = re.compile(r"\bwhats ?app\b", re.IGNORECASE)
_REMEMBER = re.compile(
    r"\b(?:remember|note(?: down)?|make a note|keep in mind"
    r"|lembre-se(?: de)?|lembra-te(?: de)?|anot[ea]|tome nota(?: de)?)"
    r" (?:that|que) (?P<fact>[^.!?]+)",
    re.IGNORECASE,
)
_NAME = re.compile(
    r"\b(?:my name is|my name's|call me|(?:o )?meu nome é|chamo-me|me chamo)"
    rf" (?P<name>[^\W\d_][^.,;!?\d]*?){_END}",
    re.IGNORECASE,
)
_BARE_NAME = re.compile(
    r"\W*(?:it's|it is|this is|i'm|i am|sou (?:o|a)|é (?:o|a))?\s*"
    r"(?P<name>[^\W\d_][\w'’-]*(?: [^\W\d_][\w'’-]*){0,3})\W*",
    re.IGNORECASE,
)
_CANCEL = re.compile(
    r"\b(?:cancel|call off|cancelar|cancele|cancela|desmarcar|desmarque|anular)\b", re.IGNORECASE
)
_LIST = re.compile(
    r"\b(?:do i have|have i got)\b.*\bappointments?\b|\b(?:what|which) appointments?\b"
    r"|\bwhen (?:is|are|was) my\b.*\bappointments?\b|\bmy appointments\b"
    r"|\b(?:que|quais|quando)\b.*\b(?:minhas?|tenho)\b.*\b(?:consultas?|marcaç(?:ão|ões))\b"
    r"|\btenho\b.*\b(?:consultas?|marcaç(?:ão|ões))\b|\b(?:que|quais) (?:consultas|marcações)\b",
    re.IGNORECASE,
)
_BOOK = re.compile(
    r"\b(?:book|schedule|arrange|make|want|like|need|have|get)\b.*\bappointment\b"
    r"|\bbook (?:me|it)\b"
    r"|\b(?:marcar|marque|agendar|agende|reservar|reserve)\b",
    re.IGNORECASE,
)


def errand(conversation: Conversation, words: str, phrases: Phrases) -> Answer | None:
    """The tool to call for what the caller said, or the question that is open; None: small talk."""
    intent = intent_of(words)
    if intent is Intent.GOODBYE:
        return None
    for wants, tool in _ERRANDS:
        if tool in conversation.offered_tools:
            wanted = wants(conversation, words, phrases)
            if wanted is not None:
                return wanted
    return None


def carry_on(conversation: Conversation) -> CallTool | None:
    """The booking that waited for the caller's name, once they are on record."""
    newest = conversation.tool_results[-1]
    if newest.tool != "create_customer" or newest.fields.get("ok") is not True:
        return None
    bookings = [it for it in conversation.all_results if it.tool == "book_appointment"]
    if not bookings or bookings[-1].fields.get("needs") != "name":
        return None
    return CallTool("book_appointment", bookings[-1].arguments)


def _transfer(conversation: Conversation, words: str, phrases: Phrases) -> Answer | None:
    found = _PERSON.search(words)
    if found is None or _NOBODY.search(found["to"]):
        return None
    to = "" if _ANYBODY.fullmatch(found["to"].strip()) else _ARTICLE.sub("", found["to"].strip())
    return CallTool(
        "transfer_call",
        {
            "to": to,
            "announcement": phrases.putting_through,
            "summary": phrases.summary.format(words=words.strip()),
        },
    )


def _message(conversation: Conversation, words: str, phrases: Phrases) -> Answer | None:
    if not _WHATSAPP.search(words) or not conversation.last_said:
        return None
    return CallTool("send_whatsapp_message", {"text": conversation.last_said})


def _fact(conversation: Conversation, words: str, phrases: Phrases) -> Answer | None:
    found = _REMEMBER.search(words)
    if found is None:
        return None
    fact = found["fact"].strip(" ,;")
    return CallTool("add_customer_fact", {"fact": f"{fact[:1].upper()}{fact[1:]}."})


def _name(conversation: Conversation, words: str, phrases: Phrases) -> Answer | None:
    newest = _newest(conversation)
    asked = newest is not None and newest.fields.get("needs") == "name"
    found = _NAME.search(words)
    if found is None and asked and intent_of(words) is Intent.OTHER:
        found = _BARE_NAME.fullmatch(words)
    if found is None:
        return None
    return CallTool("create_customer", {"name": found["name"].strip()})


def _cancellation(conversation: Conversation, words: str, phrases: Phrases) -> Answer | None:
    when = when_in(words)
    newest = _newest(conversation)
    asked_which = newest is not None and newest.tool == "cancel_appointment" and _refused(newest)
    if not _CANCEL.search(words) and not (asked_which and when != When()):
        return None
    return CallTool("cancel_appointment", _named(when))


def _appointments(conversation: Conversation, words: str, phrases: Phrases) -> Answer | None:
    return CallTool("list_appointments") if _LIST.search(words) else None


def _booking(conversation: Conversation, words: str, phrases: Phrases) -> Answer | None:
    asked = any(
        question in conversation.last_said for question in (phrases.book_when, phrases.book_time)
    )
    when = when_in(words)
    if asked and when != When():
        when = when.or_else(when_in(conversation.words_before))
    elif offered := _offered(conversation):
        agreed = intent_of(words) is Intent.YES and when == When()
        if agreed or when != When():
            when = offered if agreed else when.or_else(When(date=offered.date))
        elif not _BOOK.search(words):
            return None
    elif not _BOOK.search(words):
        return None
    if not when.date:
        return Say(phrases.book_when)
    if not when.time:
        return Say(phrases.book_time)
    return CallTool("book_appointment", _named(when))


_Wants = Callable[[Conversation, str, Phrases], Answer | None]
_ERRANDS: tuple[tuple[_Wants, str], ...] = (
    (_transfer, "transfer_call"),
    (_message, "send_whatsapp_message"),
    (_fact, "add_customer_fact"),
    (_name, "create_customer"),
    (_cancellation, "cancel_appointment"),
    (_appointments, "list_appointments"),
    (_booking, "book_appointment"),
)


def _offered(conversation: Conversation) -> When | None:
    """The first free time that was offered in place of one that was not."""
    newest = _newest(conversation)
    if newest is None or newest.tool != "book_appointment" or not _refused(newest):
        return None
    free = newest.fields.get("free")
    if not isinstance(free, list) or not free:
        return None
    date, _, time = str(free[0]).partition(" ")
    return When(date, time)


def _newest(conversation: Conversation) -> ToolResult | None:
    return conversation.all_results[-1] if conversation.all_results else None


def _refused(result: ToolResult) -> bool:
    return result.fields.get("ok") is False


def _named(when: When) -> dict[str, object]:
    return {name: text for name, text in (("date", when.date), ("time", when.time)) if text}
