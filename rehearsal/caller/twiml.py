"""Reads the TwiML that a server answers with, as strictly as Twilio. Pure."""

import re
from dataclasses import dataclass
from typing import Literal, get_args
from xml.etree import ElementTree

from rehearsal.caller.errors import CallFailed

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
MAX_PARAMETER_CHARS = 500  # name and value together, Twilio's limit
OtherVerb = Literal["Hangup", "Reject", "Say", "Play", "Pause", "Redirect"]


@dataclass(frozen=True, slots=True)
class StreamVerb:
    """<Connect><Stream>: where the call's audio goes."""

    url: str
    action_url: str | None
    status_callback_url: str | None
    name: str
    parameters: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class DialVerb:
    """<Dial>: who is called, and what they hear before they are connected."""

    number: str
    action_url: str | None
    whisper_url: str | None


@dataclass(frozen=True, slots=True)
class PlainVerb:
    """A verb with its text, its address or its reason."""

    name: OtherVerb
    detail: str = ""


@dataclass(frozen=True, slots=True)
class UnknownVerb:
    """What no simulated caller knows. Twilio warns (12200) and goes on with the next verb."""

    name: str


Verb = StreamVerb | DialVerb | PlainVerb | UnknownVerb


def read_twiml(document: str) -> tuple[Verb, ...]:
    """The verbs in order. Anything that Twilio would refuse raises CallFailed."""
    if "<!DOCTYPE" in document or "<!ENTITY" in document:
        raise CallFailed("The TwiML declares a document type; TwiML has none.")
    try:
        root = ElementTree.fromstring(document)
    except ElementTree.ParseError as error:
        raise CallFailed(f"The answer is not well-formed XML: {error}.") from None
    if root.tag != "Response":
        raise CallFailed(f"The TwiML begins with <{root.tag}> instead of <Response>.")
    return tuple(_read_verb(element) for element in root)


def _read_verb(element: ElementTree.Element) -> Verb:
    if element.tag == "Connect":
        return _read_connect(element)
    if element.tag == "Dial":
        return _read_dial(element)
    for name in get_args(OtherVerb):
        if element.tag == name:
            if name == "Redirect":
                _require_post(element.get("method"), "<Redirect method>")
            detail = element.get("reason") or "".join(element.itertext()).strip()
            return PlainVerb(name, detail)
    return UnknownVerb(element.tag)


def _read_connect(element: ElementTree.Element) -> StreamVerb:
    _refuse_attributes(element, {"action", "method"})
    if [child.tag for child in element] != ["Stream"]:
        raise CallFailed("<Connect> does not hold exactly one <Stream>.")
    stream = element[0]
    _refuse_attributes(stream, {"url", "name", "statusCallback", "statusCallbackMethod", "track"})
    _require_post(element.get("method"), "<Connect method>")
    _require_post(stream.get("statusCallbackMethod"), "<Stream statusCallbackMethod>")
    if stream.get("track") not in (None, "inbound_track"):
        raise CallFailed("<Stream track> of a <Connect> can only be inbound_track.")
    return StreamVerb(
        url=_socket_url(stream.get("url", "")),
        action_url=element.get("action"),
        status_callback_url=stream.get("statusCallback"),
        name=stream.get("name", ""),
        parameters=tuple(_read_parameter(child) for child in stream),
    )


def _read_dial(element: ElementTree.Element) -> DialVerb:
    _refuse_attributes(
        element, {"action", "method", "answerOnBridge", "timeout", "timeLimit", "callerId"}
    )
    _require_post(element.get("method"), "<Dial method>")
    if not len(element):
        return DialVerb(_e164(element.text or ""), element.get("action"), None)
    if [child.tag for child in element] != ["Number"] or (element.text or "").strip():
        raise CallFailed("<Dial> holds something other than a number or exactly one <Number>.")
    number = element[0]
    _refuse_attributes(number, {"url", "method"})
    _require_post(number.get("method"), "<Number method>")
    return DialVerb(_e164(number.text or ""), element.get("action"), number.get("url"))


def _e164(number: str) -> str:
    if not _E164.fullmatch(number.strip()):
        raise CallFailed(f"<Dial> calls {number.strip()!r}, which is no E.164 number.")
    return number.strip()


def _socket_url(url: str) -> str:
    # Twilio takes wss:// only; ws:// is let through for a server on the same machine.
    if not url.startswith(("wss://", "ws://")):
        raise CallFailed(f"<Stream url={url!r}> is not a WebSocket address.")
    if "?" in url or "#" in url:
        raise CallFailed("<Stream url> has a query string, which Twilio does not support.")
    return url


def _read_parameter(element: ElementTree.Element) -> tuple[str, str]:
    if element.tag != "Parameter" or set(element.keys()) != {"name", "value"}:
        raise CallFailed("<Stream> holds something other than <Parameter name value>.")
    name, value = element.get("name", ""), element.get("value", "")
    if len(name) + len(value) >= MAX_PARAMETER_CHARS:
        raise CallFailed(f"<Parameter name={name!r}> is longer than Twilio's 500 characters.")
    return name, value


def _refuse_attributes(element: ElementTree.Element, known: set[str]) -> None:
    unknown = sorted(set(element.keys()) - known)
    if unknown:
        raise CallFailed(f"<{element.tag}> has {', '.join(unknown)}, which Twilio does not know.")


def _require_post(method: str | None, where: str) -> None:
    if method not in (None, "POST"):
        raise CallFailed(f"{where} is {method}; simulated callers only post.")
