"""The address of an HTTP tool, with places for what the agent fills in.

A value stays one path segment, or one query value. None can name another host, go up a folder, or
add a parameter.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

import httpx2
from django.utils.translation import gettext as _

from catalog.tools.http_values import PLACE, TemplateUnusable, Value, ValueUnusable, as_text
from catalog.tools.outbound import refusal

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class UrlTemplate:
    """`origin` as https://host:port. `segments` and `pairs` as written, between / and between &."""

    origin: str
    segments: tuple[str, ...]
    pairs: tuple[str, ...]

    @property
    def names_in_path(self) -> tuple[str, ...]:
        return tuple(name for segment in self.segments for name in PLACE.findall(segment))

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.names_in_path, *(n for pair in self.pairs for n in PLACE.findall(pair)))

    def filled(self, values: Mapping[str, Value]) -> str:
        """A query value that is not given is left out with its name. Raises ValueUnusable."""
        path = "/".join(_segment(segment, values) for segment in self.segments)
        given = [
            _put_in(pair, values)
            for pair in self.pairs
            if all(values.get(name) is not None for name in PLACE.findall(pair))
        ]
        return f"{self.origin}{path}{'?' if given else ''}{'&'.join(given)}"


def url_template(written: str) -> UrlTemplate:
    """Raises TemplateUnusable."""
    if re.search(r"[\s\\#\x00-\x1f\x7f]", written):
        raise TemplateUnusable(_("An address has no spaces, backslashes or #."))
    try:
        parts = urlsplit(written)
        origin = f"{parts.scheme}://{parts.netloc}"
        url = httpx2.URL(origin)
    except (ValueError, httpx2.InvalidURL) as error:
        raise TemplateUnusable(_("This is no address such as https://example.org/path.")) from error
    if "{" in origin or "}" in origin:
        raise TemplateUnusable(_("A parameter cannot stand in the host, only after it."))
    if "@" in parts.netloc:
        raise TemplateUnusable(_("A login cannot stand in the address. Send it as a header."))
    refused = refusal(url)
    if refused is not None:
        raise TemplateUnusable(refused)
    template = UrlTemplate(
        origin,
        tuple(parts.path.split("/")),
        tuple(parts.query.split("&")) if parts.query else (),
    )
    _check_places(template)
    return template


def _check_places(template: UrlTemplate) -> None:
    for part in (*template.segments, *template.pairs):
        if re.search(r"[{}]", PLACE.sub("", part)):
            raise TemplateUnusable(_("In an address, braces only stand around a parameter's name."))
    for segment in template.segments:
        if unquote(segment) in (".", ".."):
            raise TemplateUnusable(_("An address cannot have . or .. between its slashes."))
    for pair in template.pairs:
        name, equals, _value = pair.partition("=")
        if PLACE.search(name) or not (equals or not PLACE.search(pair)):
            raise TemplateUnusable(_("After the ?, parameters stand as values: name={name}."))


def _segment(written: str, values: Mapping[str, Value]) -> str:
    if not PLACE.search(written):
        return written
    filled = _put_in(written, values)
    # Some servers unpack %2F before they look at the path: "../x" would lead elsewhere there.
    parts = re.split(r"[/\\]", unquote(filled))
    if _CONTROL.search(unquote(filled)) or any(
        part.split(";")[0].strip() in ("", ".", "..") for part in parts
    ):
        raise ValueUnusable(", ".join(PLACE.findall(written)))
    return filled


def _put_in(written: str, values: Mapping[str, Value]) -> str:
    return PLACE.sub(
        lambda match: quote(as_text(match[1], values), safe="", errors="replace"), written
    )
