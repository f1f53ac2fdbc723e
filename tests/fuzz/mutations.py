"""Messages of a media stream as they should not be: real ones, changed by chance. Pure.

By a seeded generator and not by Hypothesis, which test_media_streams_hostile.py uses: here it is
the number that counts, each takes 20 us, and the same ones can be sent over a socket in turn.
"""

import base64
import copy
import json
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Document = dict[str, Any]
DEEP_VALUE = "a deep value"  # stands for it until the text is written: the writer has a limit too
# Levels of nesting. Python gives up at about a thousand, wherever it is by then.
DEPTHS = (10, 300, 900, *range(930, 1_000, 3), 3_000)
ODD_TEXTS = (
    "",
    " ",
    "\x00",
    "\ud800",
    "\u202e",
    "ação",
    "日本語",
    "👩\u200d🚀",
    "e\u0301" * 50,
    "null",
    "-1",
    "1e999",
    "NaN",
    "9" * 4_301,  # one digit more than Python reads
    "x" * 20_000,
    "' OR 1=1 --",
    "{business_name}",
    "%s%n",
    "../../etc/passwd",
    "<script>",
)
ODD_NUMBERS = (0, -1, -0.0, 2**31, 2**63, -(2**64), 10**400, 1.5, 1e308, 5e-324)
ODD_VALUES = (None, True, False, [], {}, [[]], [None], {"": None}, float("nan"), float("inf"))
BAD_BASE64 = ("%%%%", "QUJ", "=", "A===", "AA=A", "QUJD\nQUJD", "_-_-", "ação", " QUJD", "\x00" * 4)
ODD_BYTES = (b"", b"\x00" * 160, b"\xff\xfe", b"\xc3\x28", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80")


@dataclass(frozen=True, slots=True)
class Mutated:
    """`how` names the mutation, for counting. Bytes are a binary frame or no UTF-8."""

    how: str
    message: str | bytes


def mutated(document: Mapping[str, Any], rng: random.Random) -> Mutated:
    """The message with one thing wrong with it; one in four has two."""
    if rng.random() < 0.6:
        changed = copy.deepcopy(dict(document))
        names = rng.sample(list(IN_THE_DOCUMENT), rng.choice((1, 1, 1, 2)))
        for name in names:
            IN_THE_DOCUMENT[name](changed, rng)
        text = json.dumps(changed, ensure_ascii=rng.random() < 0.5)
        return Mutated(" and ".join(names), text.replace(f'"{DEEP_VALUE}"', _brackets(rng)))
    name = rng.choice(list(IN_THE_TEXT))
    return Mutated(name, IN_THE_TEXT[name](json.dumps(document), rng))


# In the document -------------------------------------------------------------------


def _places(document: Any) -> Iterator[tuple[Any, Any]]:
    """Every (container, key) in it."""
    if isinstance(document, dict):
        for key, value in document.items():
            yield document, key
            yield from _places(value)
    elif isinstance(document, list):
        for index, value in enumerate(document):
            yield document, index
            yield from _places(value)


def _any_value(rng: random.Random) -> Any:
    return rng.choice(rng.choice((ODD_TEXTS, ODD_NUMBERS, ODD_VALUES)))


def _replace(document: Document, value: Any, rng: random.Random) -> None:
    places = list(_places(document))
    if places:
        container, key = rng.choice(places)
        container[key] = value


def _another_type(document: Document, rng: random.Random) -> None:
    _replace(document, _any_value(rng), rng)


def _missing(document: Document, rng: random.Random) -> None:
    places = [(it, key) for it, key in _places(document) if isinstance(it, dict)]
    if places:
        container, key = rng.choice(places)
        del container[key]


def _added(document: Document, rng: random.Random) -> None:
    inner = rng.choice([document, *(it for it in document.values() if isinstance(it, dict))])
    inner[rng.choice(("", "event", "media", "__proto__", "streamSid", "x" * 300))] = _any_value(rng)


def _wrapped(document: Document, rng: random.Random) -> None:
    places = list(_places(document))
    if places:
        container, key = rng.choice(places)
        value = container[key]
        container[key] = rng.choice(([value], {"": value}, [value, value], json.dumps(value)))


def _nested(document: Document, rng: random.Random) -> None:
    _replace(document, DEEP_VALUE, rng)


def _same_depth_twice(document: Document, _rng: random.Random) -> None:
    """Two deep values that the parser compares with each other."""
    document["streamSid"] = DEEP_VALUE
    if isinstance(document.get("start"), dict):
        document["start"]["streamSid"] = DEEP_VALUE


def _wrong_base64(document: Document, rng: random.Random) -> None:
    if isinstance(media := document.get("media"), dict):
        media["payload"] = rng.choice(BAD_BASE64)


def _other_audio(document: Document, rng: random.Random) -> None:
    if isinstance(media := document.get("media"), dict):
        audio = rng.randbytes(rng.choice((0, 1, 20, 160, 320, 7_999, 8_001, 30_000)))
        media["payload"] = base64.b64encode(audio).decode()


def _odd_number(document: Document, rng: random.Random) -> None:
    number = rng.choice((*ODD_NUMBERS, *ODD_TEXTS, float("nan"), str(rng.getrandbits(128))))
    where = rng.choice(("sequenceNumber", "timestamp", "chunk", "sampleRate"))
    inner = document
    if isinstance(media := document.get("media"), dict) and where != "sequenceNumber":
        inner = media
    inner[where] = number


def _another_event(document: Document, rng: random.Random) -> None:
    event = rng.choice(("connected", "start", "media", "mark", "dtmf", "MEDIA", "clear", "new"))
    document["event"] = event


def _another_sid(document: Document, rng: random.Random) -> None:
    document["streamSid"] = rng.choice(("MZ" + "0" * 32, "", "MZ", "\ud800", "MZ" * 5_000))


IN_THE_DOCUMENT: Mapping[str, Callable[[Document, random.Random], None]] = {
    "another type": _another_type,
    "a field is missing": _missing,
    "a field more": _added,
    "a field is wrapped": _wrapped,
    "deeply nested": _nested,
    "two deep values": _same_depth_twice,
    "wrong base64": _wrong_base64,
    "other audio": _other_audio,
    "an odd number": _odd_number,
    "another event": _another_event,
    "another stream": _another_sid,
}


def _brackets(rng: random.Random) -> str:
    opening, closing = rng.choice((("[", "]"), ('{"a":', "}")))
    depth = rng.choice(DEPTHS)
    return opening * depth + "null" + closing * depth


# In the text -------------------------------------------------------------------------


def _cut_off(text: str, rng: random.Random) -> str:
    return text[: rng.randrange(len(text))]


def _letters_changed(text: str, rng: random.Random) -> str:
    letters = list(text)
    for _ in range(rng.randint(1, 8)):
        letters[rng.randrange(len(letters))] = chr(rng.choice((rng.randrange(0x80), 0x2FF, 0xD800)))
    return "".join(letters)


def _spliced(text: str, rng: random.Random) -> str:
    one, other = sorted(rng.choices(range(len(text)), k=2))
    return rng.choice((text[:one] + text[other:], text[:other] + text[one:], text * 2))


def _key_twice(text: str, rng: random.Random) -> str:
    key = rng.choice(("event", "streamSid", "media", "start", "mark", "sequenceNumber"))
    return text[:-1] + f', "{key}": {json.dumps(_any_value(rng))}' + "}"


def _constant(text: str, rng: random.Random) -> str:
    odd = rng.choice(("NaN", "Infinity", "-Infinity", "1e999", "9" * 5_000, "0x10", "01", "1_0"))
    return text.replace('"1"', odd).replace('"4"', odd).replace('"5"', odd).replace('"6"', odd)


def _deep_text(text: str, rng: random.Random) -> str:
    opening, closing = rng.choice((("[", "]"), ('{"event":', "}")))
    depth = rng.choice(DEPTHS)
    return opening * depth + rng.choice((text, "null", "")) + closing * rng.choice((0, depth))


def _too_long(text: str, rng: random.Random) -> str:
    return text[:-1] + ', "pad": "' + "x" * rng.choice((30_000, 64_500, 70_000)) + '"}'


def _padded(text: str, rng: random.Random) -> str:
    odd = rng.choice(("\ufeff", "\x00", " \t\r\n" * 100, "//", ")]}'\n", "\u2028"))
    return rng.choice((odd + text, text + odd))


def _as_json_text(text: str, rng: random.Random) -> str:
    return json.dumps(rng.choice((text, [text], [json.loads(text)], None, 5, "")))


def _binary(text: str, rng: random.Random) -> bytes:
    return rng.choice((text.encode(), text.encode("utf-16"), rng.randbytes(200), *ODD_BYTES))


def _no_utf8(text: str, rng: random.Random) -> bytes:
    position = rng.randrange(len(text))
    return text[:position].encode() + rng.choice(ODD_BYTES) + text[position:].encode()


IN_THE_TEXT: Mapping[str, Callable[[str, random.Random], str | bytes]] = {
    "cut off": _cut_off,
    "letters changed": _letters_changed,
    "spliced": _spliced,
    "a key twice": _key_twice,
    "no number of JSON": _constant,
    "deep text": _deep_text,
    "too long": _too_long,
    "something around it": _padded,
    "JSON in JSON": _as_json_text,
    "binary": _binary,
    "no UTF-8": _no_utf8,
}
