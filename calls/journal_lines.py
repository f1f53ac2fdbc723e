"""A happening as one line of JSON, and back."""

from typing import get_args

from pydantic import TypeAdapter, ValidationError
from pydantic_core import CoreConfig, SchemaValidator

from calls.happenings import Happening

_ADAPTERS = {kind.__name__: TypeAdapter(kind) for kind in get_args(Happening)}
# By itself it keeps the last 16,384 short strings that it has read: what callers have said.
_READERS = {
    name: SchemaValidator(adapter.core_schema, CoreConfig(cache_strings="keys"))
    for name, adapter in _ADAPTERS.items()
}


class NotWritable(Exception):
    """This cannot be written down. The message names the kind, and nothing that was said."""


def encoded(happening: Happening) -> bytes:
    """Raises NotWritable."""
    kind = type(happening).__name__
    try:
        return kind.encode() + b" " + _ADAPTERS[kind].dump_json(happening, warnings="error")
    except (ValueError, TypeError) as error:
        # Without the message: it quotes the value, which may be what a caller said.
        raise NotWritable(f"A {kind} could not be written: {type(error).__name__}.") from None


def decoded(line: bytes) -> Happening:
    """Raises NotWritable for what no version of this product has written."""
    name, _space, document = line.partition(b" ")
    reader = _READERS.get(name.decode("ascii", "replace"))
    if reader is None:
        raise NotWritable("A journal's line is of a kind that is not known here.")
    try:
        happening: Happening = reader.validate_json(document)
        return happening
    except ValidationError:
        raise NotWritable(f"A {name.decode()} in a journal cannot be read.") from None
