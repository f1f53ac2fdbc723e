"""Every way in which a model might read a text: as it stands, and what is hidden in it. Pure."""

import base64
import binascii
import html
import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache

DEEPEST = 3  # such as base64 within JSON within JSON
MOST_READINGS = 200
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_TAGS = range(0xE0020, 0xE007F)  # an invisible ASCII
_SELECTORS = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))  # an invisible byte each
# Cyrillic and Greek letters that look like Latin ones.
_ALIKE = str.maketrans(
    "асԁеһіјӏорԛѕԝухуАВЕНІЈКМОРЅТХУοανΑΒΕΗΙΚΜΝΟΡΤΥΧΖ",
    "acdehijlopqswyxyABEHIJKMOPSTXYoavABEHIKMNOPTYXZ",
)


@lru_cache(maxsize=512)
def readings(text: str) -> tuple[str, ...]:
    """Each different one once, the text itself first."""
    found = {text: None}
    newest = [text]
    for _ in range(DEEPEST):
        newer = [read for known in newest for way in _WAYS for read in way(known)]
        newest = [read for read in dict.fromkeys(newer) if read and read not in found]
        found.update(dict.fromkeys(newest[: MOST_READINGS - len(found)]))
    return tuple(found)


def _plain(text: str) -> Iterator[str]:
    """Without what nobody sees, with usual letters and digits for those that look like them."""
    folded = unicodedata.normalize("NFKC", text).translate(_ALIKE)
    yield "".join(it for it in folded if unicodedata.category(it) != "Cf" and not _is_selector(it))


def _tagged(text: str) -> Iterator[str]:
    yield "".join(chr(ord(it) - 0xE0000) for it in text if ord(it) in _TAGS)


def _selected(text: str) -> Iterator[str]:
    """Variation selectors as bytes of UTF-8."""
    hidden = bytes(
        ord(it) - 0xFE00 if ord(it) in _SELECTORS[0] else ord(it) - 0xE0100 + 16
        for it in text
        if _is_selector(it)
    )
    yield hidden.decode("utf-8", "ignore")


def _within_json(text: str) -> Iterator[str]:
    try:
        yield from _texts(json.loads(text))
    except (ValueError, RecursionError):
        return


def _texts(document: object) -> Iterator[str]:
    if isinstance(document, str):
        yield document
    elif isinstance(document, list):
        for part in document:
            yield from _texts(part)
    elif isinstance(document, dict):
        for name, part in document.items():
            yield str(name)
            yield from _texts(part)


def _unescaped(text: str) -> Iterator[str]:
    yield html.unescape(text)
    yield text.replace('\\"', '"')
    yield _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)


def _decoded(text: str) -> Iterator[str]:
    for found in _BASE64.finditer(text):
        packed = found[0].rstrip("=").translate(str.maketrans("-_", "+/"))
        try:
            yield base64.b64decode(packed + "=" * (-len(packed) % 4)).decode()
        except (binascii.Error, UnicodeDecodeError):
            continue


def _is_selector(character: str) -> bool:
    return any(ord(character) in selectors for selectors in _SELECTORS)


_WAYS: tuple[Callable[[str], Iterator[str]], ...] = (
    _plain,
    _tagged,
    _selected,
    _within_json,
    _unescaped,
    _decoded,
)
