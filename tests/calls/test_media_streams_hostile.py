"""The parser meets what Twilio does not send, and what nobody should send."""

import copy
import json
import typing
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calls import media_streams
from calls.media_streams import MAX_MESSAGE_CHARS, Malformed, parse
from tests.calls.twilio_messages import DTMF, MARK, MEDIA, REAL_MESSAGES, START

CANARY = "canary-4711"


def _with(document: Any, *path: Any, value: Any) -> str:
    document = copy.deepcopy(document)
    inner = document
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return json.dumps(document)


HOSTILE = {
    "a binary frame": None,
    "nothing": "",
    "a list": "[]",
    "a number": "5",
    "null": "null",
    "a string": f'"{CANARY}"',
    "text": CANARY,
    "half a message": json.dumps(MEDIA)[:-20],
    "two messages": json.dumps(MARK) * 2,
    "a lone surrogate": "\ud800",
    "deep nesting": "[" * 60_000,
    "deep nesting that is closed": "[" * 30_000 + "]" * 30_000,
    "a number of 60,000 digits": "1" * 60_000,
    "an oversize frame": _with(MARK, "mark", "name", value="x" * MAX_MESSAGE_CHARS),
    "no event": "{}",
    "an event that is a list": _with(MEDIA, "event", value=["media"]),
    "an event that is null": _with(MEDIA, "event", value=None),
    "media null": _with(MEDIA, "media", value=None),
    "media list": _with(MEDIA, "media", value=[CANARY]),
    "media text": _with(MEDIA, "media", value=CANARY),
    "media without a payload": _with(MEDIA, "media", value={}),
    "payload int": _with(MEDIA, "media", "payload", value=5),
    "payload null": _with(MEDIA, "media", "payload", value=None),
    "payload empty": _with(MEDIA, "media", "payload", value=""),
    "payload not base64": _with(MEDIA, "media", "payload", value="!!!!"),
    "payload cut off": _with(MEDIA, "media", "payload", value="QUJ"),
    "payload with a line break": _with(MEDIA, "media", "payload", value="QUJD\nQUJD"),
    "payload not ASCII": _with(MEDIA, "media", "payload", value="çç=="),
    "payload of over a second": _with(MEDIA, "media", "payload", value="/" * 10_672),
    "sequence number text": _with(MEDIA, "sequenceNumber", value=CANARY),
    "sequence number list": _with(MEDIA, "sequenceNumber", value=[4]),
    "sequence number of 5,000 digits": _with(MARK, "sequenceNumber", value="1" * 5_000),
    "timestamp text": _with(MEDIA, "media", "timestamp", value=CANARY),
    "timestamp infinite": _with(MEDIA, "media", "timestamp", value=float("inf")),
    "stream SID int": _with(MEDIA, "streamSid", value=5),
    "mark null": _with(MARK, "mark", value=None),
    "mark without a name": _with(MARK, "mark", value={}),
    "mark name int": _with(MARK, "mark", "name", value=1),
    "dtmf null": _with(DTMF, "dtmf", value=None),
    "dtmf digit int": _with(DTMF, "dtmf", "digit", value=1),
    "stop without a stream SID": '{"event": "stop"}',
    "start null": _with(START, "start", value=None),
    "start text": _with(START, "start", value=CANARY),
    "another stream SID in start": _with(START, "start", "streamSid", value=CANARY),
    "parameters list": _with(START, "start", "customParameters", value=[CANARY]),
    "parameters text": _with(START, "start", "customParameters", value=CANARY),
    "parameter int": _with(START, "start", "customParameters", value={"token": 5}),
    "call SID null": _with(START, "start", "callSid", value=None),
    "media format null": _with(START, "start", "mediaFormat", value=None),
    "media format L16": _with(START, "start", "mediaFormat", "encoding", value="audio/l16"),
    "16 kHz": _with(START, "start", "mediaFormat", "sampleRate", value=16_000),
    "sample rate infinite": _with(START, "start", "mediaFormat", "sampleRate", value=float("inf")),
    "sample rate NaN": _with(START, "start", "mediaFormat", "sampleRate", value=float("nan")),
    "sample rate null": _with(START, "start", "mediaFormat", "sampleRate", value=None),
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_it_calls_hostile_input_malformed_without_quoting_it(text: str | None) -> None:
    message = parse(text)
    assert isinstance(message, Malformed)
    assert CANARY not in message.reason
    assert message.reason.isascii() and 0 < len(message.reason) < 80


def _paths(document: Any, so_far: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(document, dict):
        for key, value in document.items():
            yield (*so_far, key)
            yield from _paths(value, (*so_far, key))


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just(CANARY),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
REPLACED = st.sampled_from(REAL_MESSAGES).flatmap(
    lambda document: st.tuples(
        st.just(document), st.sampled_from(list(_paths(document))), ANY_JSON, st.booleans()
    )
)


def _assert_total(text: str) -> None:
    message = parse(text)
    assert isinstance(message, typing.get_args(media_streams.Message))
    if isinstance(message, Malformed):
        assert CANARY not in message.reason
        assert message.reason.isascii() and len(message.reason) < 80


@settings(deadline=None, max_examples=300)
@given(st.text())
def test_it_never_raises_on_text(text: str) -> None:
    _assert_total(text)


@settings(deadline=None, max_examples=300)
@given(ANY_JSON)
def test_it_never_raises_on_json(document: Any) -> None:
    _assert_total(json.dumps(document))


@settings(deadline=None, max_examples=300)
@given(REPLACED)
def test_it_never_raises_on_a_real_message_with_one_field_changed_or_gone(changed: Any) -> None:
    document, path, value, remove = changed
    document = copy.deepcopy(document)
    inner = document
    for key in path[:-1]:
        inner = inner[key]
    if remove:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    _assert_total(json.dumps(document))


@settings(deadline=None, max_examples=300)
@given(st.sampled_from(REAL_MESSAGES), st.integers(0, 500), st.text(max_size=3))
def test_it_never_raises_on_a_real_message_with_characters_changed(
    document: Any, position: int, inserted: str
) -> None:
    text = json.dumps(document)
    position %= len(text)
    _assert_total(text[:position] + inserted + text[position + 1 :])
