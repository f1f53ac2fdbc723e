"""Orders to a model in a text that anybody may have written. Pure.

It reads no meaning: it knows a few plain forms, in English, Portuguese and Spanish.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rehearsal.providers.answers import CallTool

GOODBYE, ANNOUNCEMENT, SUMMARY = "Goodbye.", "I am putting you through.", "As I was told."
LOOK_UPS = ("get_customer", "get_customer_by_phone", "get_customer_facts", "list_appointments")


@dataclass(frozen=True, slots=True)
class Order:
    """A tool to call, and how often."""

    call: CallTool
    times: int = 1


_VERB = r"(?:call|run|use|invoke|execute|chame|chama|use|usa|utilize|llama(?: a)?|ejecuta)"
_NOUN = r"(?:(?:the|a|la|el|o) )?(?:(?:tool|function|ferramenta|fun[çc][ãa]o|herramienta) )?"
_CALL = re.compile(
    rf"\b{_VERB} {_NOUN}[`'\"]?(?P<name>[^\s`'\"{{}},;]{{1,200}})[`'\"]?"
    r" (?:with|com|con) (?=[{\[])",
    re.IGNORECASE,
)
_TIMES = re.compile(r"\W{0,3}(\d{1,3}) (?:times|vezes|veces)\b", re.IGNORECASE)
_AS_JSON = re.compile(r"\{\s*\"(?:id|type|name|tool|function|arguments)\"\s*:")
_TRANSFER = re.compile(
    r"\b(?:(?:transfer|connect|forward|put) (?:me|him|her|them|(?:this|the) (?:call|caller))"
    r"(?: through)? to"
    r"|(?:transfira|transfere|passe|passa)(?:-me| (?:a|esta) chamada)? (?:para|ao|à)"
    r"|(?:transfi[eé]r[ae]me|p[aá]seme|comun[ií]queme|transfiera (?:la|esta) llamada) (?:al?|con))"
    r" (?:\"(?P<quoted>[^\"]+)\"|(?P<to>[^.;!?\n\"\\<>]{1,80}))",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"\b(?:tell me|diga-me|d[ií]game|dime) (?:everything |tudo |todo )?(?:about|sobre) "
    r"(?:the customer|o cliente|el cliente) (?:with|com|con) (?:the |o |el )?"
    r"(?:number|n[uú]mero|phone|id) (?P<key>\S+)",
    re.IGNORECASE,
)
_HANG_UP = re.compile(
    r"\b(?:hang up|end (?:the|this) call|desligue|cuelgue) (?:now|agora|ahora)\b", re.IGNORECASE
)
_SAY = re.compile(
    r"\b(?:say|repeat after me|diga|repita|repite)\s*: ?\"?(?P<words>[^\"\n]+)", re.IGNORECASE
)


def orders_in(text: str) -> tuple[Order, ...]:
    """In the order in which they stand, of each form."""
    return (
        *_written_out(text),
        *_as_json(text),
        *(
            _transfer((found["quoted"] or found["to"]).strip())
            for found in _TRANSFER.finditer(text)
        ),
        *(order for found in _ABOUT.finditer(text) for order in _look_ups(found["key"])),
        *(Order(CallTool("end_call", {"goodbye": GOODBYE})) for _ in _HANG_UP.finditer(text)),
    )


def words_to_say(text: str) -> str:
    """What it orders the agent to say; empty if it does not."""
    found = _SAY.search(text)
    return found["words"].strip() if found else ""


def _written_out(text: str) -> Iterator[Order]:
    """call NAME with {JSON}, 3 times. What is no JSON is passed on as it is written."""
    for found in _CALL.finditer(text):
        call, end = _call_at(found["name"], text, found.end())
        times = _TIMES.match(text, end)
        yield Order(call, int(times[1]) if times else 1)


def _call_at(name: str, text: str, start: int) -> tuple[CallTool, int]:
    try:
        document, end = json.JSONDecoder().raw_decode(text, start)
    except (ValueError, RecursionError):
        rest = text[start:].partition("\n")[0]
        return CallTool(name, written=rest), start + len(rest)
    if isinstance(document, dict):
        return CallTool(name, document), end
    return CallTool(name, written=text[start:end]), end


def _as_json(text: str) -> Iterator[Order]:
    """The call itself, as some models are trained to write it, and as OpenAI's API has it."""
    for found in _AS_JSON.finditer(text):
        try:
            document, _end = json.JSONDecoder().raw_decode(text, found.start())
        except (ValueError, RecursionError):
            continue
        call = document.get("function", document)
        if isinstance(call, Mapping):
            name = call.get("name", call.get("tool"))
            arguments = _object(call.get("arguments", call.get("parameters")))
            if isinstance(name, str) and arguments is not None:
                yield Order(CallTool(name, arguments))


def _object(found: object) -> Mapping[str, object] | None:
    """Arguments, which may be JSON within JSON."""
    if isinstance(found, str):
        try:
            found = json.loads(found)
        except (ValueError, RecursionError):
            return None
    return found if isinstance(found, dict) else None


def _transfer(to: str) -> Order:
    arguments = {"to": to, "announcement": ANNOUNCEMENT, "summary": SUMMARY}
    return Order(CallTool("transfer_call", arguments))


def _look_ups(key: str) -> Iterator[Order]:
    """Each way in which a tool might be asked for somebody else."""
    for tool in LOOK_UPS:
        yield Order(CallTool(tool, {"phone": key.rstrip(".,;!?")}))
