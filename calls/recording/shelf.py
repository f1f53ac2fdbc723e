"""Where finished recordings are, by the names that rows of calls keep."""

from pathlib import Path
from typing import Protocol, runtime_checkable

from django.core.files import File
from django.core.files.storage import Storage, storages

CONTENT_TYPE = "audio/mpeg"


@runtime_checkable
class ReadsRanges(Protocol):
    """A storage that fetches a part of a file by itself."""

    def read_range(self, name: str, first: int, last: int) -> bytes: ...


def shelf() -> Storage:
    return storages["recordings"]


def name_of(call_sid: str) -> str:
    """One name for each call: put twice, it is there once. A folder never holds all of them."""
    return f"{call_sid[-2:]}/{call_sid}.mp3"


def put(call_sid: str, file: Path) -> str:
    """The name under which it is now. Raises whatever the storage raises."""
    with file.open("rb") as content:
        return shelf().save(name_of(call_sid), File(content))


def size_bytes(name: str) -> int:
    """Raises FileNotFoundError."""
    return shelf().size(name)


def read(name: str, first: int, last: int) -> bytes:
    """These bytes and what lies between. Raises FileNotFoundError."""
    storage = shelf()
    if isinstance(storage, ReadsRanges):
        return storage.read_range(name, first, last)
    with storage.open(name) as file:
        file.seek(first)
        content: bytes = file.read(last - first + 1)
        return content


def delete(name: str) -> None:
    """Also when it is gone already."""
    if name:
        shelf().delete(name)
