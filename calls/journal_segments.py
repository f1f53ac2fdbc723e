"""One file of a journal: lines, and the lock that says whose it is."""

import fcntl
import os
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

SUFFIX = ".jsonl"


@dataclass(frozen=True, slots=True)
class Batch:
    """Some lines of one segment, and how far it is read with them."""

    segment: str
    lines: tuple[bytes, ...]
    end_bytes: int


class Segment(Protocol):
    name: str
    size_bytes: int  # of whole lines

    def append(self, lines: Sequence[bytes]) -> None:
        """Raises OSError; then none of the lines counts."""

    def read(self, start_bytes: int, most_lines: int) -> Batch: ...

    def delete(self) -> None: ...


class FileSegment:
    """A file, and the lock that says whose it is. `fd` is open and locked."""

    def __init__(self, path: Path, fd: int) -> None:
        self.name = path.stem
        self._path = path
        self._fd = fd
        self.size_bytes = 0

    @classmethod
    def create(cls, folder: Path) -> "FileSegment":
        """Raises OSError."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / (uuid.uuid4().hex + SUFFIX)
        # Under another name until it is locked: nobody may take it for one left behind.
        fresh = path.with_suffix(".new")
        fd = os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fresh.rename(path)
        return cls(path, fd)

    @classmethod
    def adopt(cls, path: Path) -> "FileSegment | None":
        """None when its process lives, or somebody else is quicker. Raises OSError."""
        try:
            fd = os.open(path, os.O_RDWR)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(fd)
            return None
        if not path.exists():  # Its rows were written, and it was deleted, since it was opened.
            os.close(fd)
            return None
        segment = cls(path, fd)
        # What stands behind the last line break was being written when the process was killed.
        segment.size_bytes = os.pread(fd, os.fstat(fd).st_size, 0).rfind(b"\n") + 1
        return segment

    def append(self, lines: Sequence[bytes]) -> None:
        content = b"".join(line + b"\n" for line in lines)
        written = 0
        while written < len(content):  # A full disk takes a part, and then raises.
            written += os.pwrite(self._fd, content[written:], self.size_bytes + written)
        self.size_bytes += len(content)

    def read(self, start_bytes: int, most_lines: int) -> Batch:
        content = os.pread(self._fd, self.size_bytes - start_bytes, start_bytes)
        lines = tuple(content.split(b"\n", most_lines)[:most_lines])
        lines = lines if lines[-1] else lines[:-1]
        end_bytes = start_bytes + sum(len(line) + 1 for line in lines)
        return Batch(self.name, lines, end_bytes)

    def delete(self) -> None:
        """Raises OSError; then somebody else finds it left behind."""
        try:
            self._path.unlink(missing_ok=True)
        finally:
            os.close(self._fd)


class MemorySegment:
    """In place of a file that cannot be written: better than nothing at all."""

    def __init__(self) -> None:
        self.name = uuid.uuid4().hex
        self._content = b""
        self.size_bytes = 0

    def append(self, lines: Sequence[bytes]) -> None:
        self._content += b"".join(line + b"\n" for line in lines)
        self.size_bytes = len(self._content)

    def read(self, start_bytes: int, most_lines: int) -> Batch:
        lines = tuple(self._content[start_bytes:].split(b"\n")[:-1][:most_lines])
        return Batch(self.name, lines, start_bytes + sum(len(line) + 1 for line in lines))

    def delete(self) -> None:
        self._content = b""
