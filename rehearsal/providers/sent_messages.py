"""What is sent through Twilio's Messages resource, held against what Twilio takes. Pure."""

import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

MOST_CHARS = 1_600
_ADDRESS = re.compile(r"(whatsapp:)?\+[1-9]\d{6,14}")
_BREAKS = re.compile(r"[\n\t]| {5}")  # WhatsApp takes none of these in a template's variable


@dataclass(frozen=True, slots=True)
class SentMessage:
    """`text` is the body, or what fills the variable 1 of the template `content_sid`."""

    sid: str
    sender: str
    to: str
    text: str
    content_sid: str


class BadMessage(Exception):
    """Twilio would refuse it."""


def read_message(form: Mapping[str, str]) -> SentMessage:
    """Raises BadMessage for what Twilio would not take."""
    sender, to = form.get("From", ""), form.get("To", "")
    for name, address in (("From", sender), ("To", to)):
        if not _ADDRESS.fullmatch(address):
            raise BadMessage(f"The '{name}' number is not a valid address.")
    if sender.startswith("whatsapp:") != to.startswith("whatsapp:"):
        raise BadMessage("'From' and 'To' have to be of one channel.")
    content_sid = form.get("ContentSid", "")
    text = _filled_in(form) if content_sid else form.get("Body", "")
    if not text:
        raise BadMessage("Message body is required.")
    if len(text) > MOST_CHARS:
        raise BadMessage("The concatenated message body exceeds the 1600 character limit.")
    return SentMessage(f"SM{uuid.uuid4().hex}", sender, to, text, content_sid)


def _filled_in(form: Mapping[str, str]) -> str:
    try:
        variables = json.loads(form.get("ContentVariables", ""))
    except ValueError:
        raise BadMessage("The ContentVariables parameter is invalid.") from None
    text = variables.get("1") if isinstance(variables, dict) else None
    if not isinstance(text, str) or _BREAKS.search(text):
        raise BadMessage("The ContentVariables parameter is invalid.")
    return text
