"""Header lines as staff write them, with the secrets of the server's environment filled in.

A secret is named, {TOOL_SECRET_X}, and only what begins so can be: no other variable of the
environment can be sent away. Its value goes into the request and nowhere else.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.utils.translation import gettext as _

HIDDEN = "•••"
MOST_LINES = 20

# RFC 9110: a token, and visible ASCII with single spaces or tabs within.
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?")
_IN_BRACES = re.compile(r"\{([^{}]*)\}")
_SECRET = re.compile(r"TOOL_SECRET_[A-Z0-9_]+")

# About the connection rather than the request, or set for each request by ourselves.
_OURS = frozenset(
    (
        "accept-encoding",
        "connection",
        "content-length",
        "expect",
        "forwarded",
        "host",
        "idempotency-key",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    )
)
# Written out, it would stand in the database, in every revision and in the audit log.
_SECRET_BY_NAME = re.compile(r"authorization|cookie|(?:^|[-_])(?:key|token|secret|password)$", re.I)


class HeadersUnusable(Exception):
    """These lines are no headers; the message is a sentence for staff and holds no secret."""


@dataclass(frozen=True, slots=True)
class HeaderLine:
    """As it was written, before any secret is filled in."""

    name: str
    value: str


def header_lines(written: str) -> tuple[HeaderLine, ...]:
    """One a line; empty lines count for nothing. Raises HeadersUnusable."""
    found: dict[str, HeaderLine] = {}
    for line in re.split(r"\r\n|\r|\n", written):
        if not line.strip():
            continue
        header = _header_line(line)
        if header.name.lower() in found:
            raise HeadersUnusable(_("%(name)s stands there twice.") % {"name": header.name})
        found[header.name.lower()] = header
    if len(found) > MOST_LINES:
        raise HeadersUnusable(_("These are more than %(most)d headers.") % {"most": MOST_LINES})
    return tuple(found.values())


def filled_headers(written: str) -> tuple[tuple[str, str], ...]:
    """(name, value) as they are sent. Raises HeadersUnusable, also for a secret that is not set."""
    return tuple((line.name, _filled(line.value)) for line in header_lines(written))


def redacted(value: Any) -> Any:
    """JSON without the secrets in it: the other side may send back what it was sent."""
    shapes = {
        shape
        for secret in _secrets().values()
        for shape in (secret, json.dumps(secret)[1:-1], quote(secret, safe=""))
    }
    return _redacted(value, tuple(sorted(shapes, key=len, reverse=True)))


def _header_line(line: str) -> HeaderLine:
    name, colon, value = (part.strip(" \t") for part in line.partition(":"))
    if not colon or not _NAME.fullmatch(name):
        # Without the line: somebody may have pasted a secret there.
        raise HeadersUnusable(_("Write each header as Name: value, one a line."))
    if name.lower() in _OURS:
        raise HeadersUnusable(
            _("%(name)s is set for each request and cannot stand here.") % {"name": name}
        )
    if not _VALUE.fullmatch(value):
        raise HeadersUnusable(
            _("The value of %(name)s is empty, or has characters that headers cannot have.")
            % {"name": name}
        )
    words = list(_braced(value))
    if not words and _SECRET_BY_NAME.search(name):
        raise HeadersUnusable(
            _(
                "The value of %(name)s is a secret: set it in the server's environment as "
                "TOOL_SECRET_…, and write that name in braces here."
            )
            % {"name": name}
        )
    for word in words:
        if not _SECRET.fullmatch(word):
            raise HeadersUnusable(
                _("In %(name)s, only {TOOL_SECRET_…} can stand in braces.") % {"name": name}
            )
        if word not in _secrets():
            raise HeadersUnusable(
                _("%(secret)s is not set in the environment of this server.") % {"secret": word}
            )
    return HeaderLine(name, value)


def _braced(value: str) -> Iterator[str]:
    for match in _IN_BRACES.finditer(value):
        yield match[1]
    if re.search(r"[{}]", _IN_BRACES.sub("", value)):
        yield ""  # A brace without its other half.


def _filled(value: str) -> str:
    def secret(match: "re.Match[str]") -> str:
        found = _secrets()[match[1]]
        if not _VALUE.fullmatch(found):
            raise HeadersUnusable(
                _("%(secret)s has characters that headers cannot have.") % {"secret": match[1]}
            )
        return found

    return _IN_BRACES.sub(secret, value)


def _secrets() -> Mapping[str, str]:
    secrets: Mapping[str, str] = settings.TOOL_SECRETS
    return secrets


def _redacted(value: Any, secrets: tuple[str, ...]) -> Any:
    if isinstance(value, str):
        for secret in secrets:
            value = value.replace(secret, HIDDEN)
        return value
    if isinstance(value, Mapping):
        return {
            _redacted(str(name), secrets): _redacted(part, secrets) for name, part in value.items()
        }
    if isinstance(value, list | tuple):
        return [_redacted(part, secrets) for part in value]
    return value
