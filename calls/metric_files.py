"""How do several processes show one set of figures? Each keeps its own in files of one folder.

prometheus_client adds the files up. It leaves two things to us: to tell whose process is gone
(process ids come again, so each process holds a lock instead), and to keep what the gone have
counted without keeping their files.
"""

import contextlib
import fcntl
import os
import time
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest, values
from prometheus_client.mmap_dict import MmapedDict, mmap_key
from prometheus_client.multiprocess import MultiProcessCollector

PAST = "past"  # in the place of a process: the sums of those that are gone
WAIT_SECONDS = 3.0  # for another process that reads or sorts the folder: it takes milliseconds
KEPT_KINDS = ("counter", "histogram")


class FolderBusy(Exception):
    """Another process has held the folder for too long."""


class MetricFiles:
    """The folder, as one process uses it. Make it before the first metric."""

    def __init__(self, folder: Path) -> None:
        """Raises OSError when the folder cannot be used, and FolderBusy."""
        self._folder = folder
        self._pid = 0
        self._name = ""
        self._lock_fd = -1
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._alone():
            self._sort()
            self._identity()
        values.ValueClass = values.MultiProcessValue(self._identity)  # type: ignore[no-untyped-call]

    def exposition(self) -> bytes:
        """The figures of all processes as one, from their files. Raises FolderBusy."""
        with self._alone():
            self._sort()
            registry = CollectorRegistry()
            MultiProcessCollector(registry, str(self._folder))  # type: ignore[no-untyped-call]
            return generate_latest(registry)

    def _identity(self) -> str:
        """What this process is called in the names of its files. Asked at each change of a value,
        since a fork is another process.
        """
        pid = os.getpid()
        if pid != self._pid:
            self._name, self._lock_fd = self._new_lock(pid)
            self._pid = pid
        return self._name

    def _new_lock(self, pid: int) -> tuple[str, int]:
        name = f"{pid}-{uuid.uuid4().hex[:12]}"
        # Under another name until it is locked: nobody may take it for that of a dead process.
        fresh = self._folder / f"{name}.new"
        fd = os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fresh.rename(self._lock_of(name))
        return name, fd

    def _lock_of(self, name: str) -> Path:
        return self._folder / f"{name}.lock"

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        fd = os.open(self._folder / "folder", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            deadline = time.monotonic() + WAIT_SECONDS
            while True:
                try:
                    fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > deadline:
                        raise FolderBusy(str(self._folder)) from None
                    time.sleep(0.002)
            yield
        finally:
            os.close(fd)

    def _sort(self) -> None:
        """Keep the sums of the dead. With nobody alive, the figures begin anew."""
        owners = {path.stem.rpartition("_")[2] for path in self._folder.glob("*.db")} - {PAST}
        owners |= {path.stem for path in self._folder.glob("*.lock")}
        dead = sorted(owner for owner in owners if not self._lives(owner))
        if len(dead) == len(owners):
            dead.append(PAST)
        elif dead:
            for kind in KEPT_KINDS:
                self._add_to_the_past(kind, dead)
        for owner in dead:
            for path in self._folder.glob(f"*_{owner}.db"):
                path.unlink()
            self._lock_of(owner).unlink(missing_ok=True)

    def _lives(self, owner: str) -> bool:
        if owner == self._name:
            return True
        try:
            fd = os.open(self._lock_of(owner), os.O_RDWR)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return False
        except BlockingIOError:
            return True
        finally:
            os.close(fd)

    def _add_to_the_past(self, kind: str, dead: Sequence[str]) -> None:
        past = self._folder / f"{kind}_{PAST}.db"
        files = [self._folder / f"{kind}_{owner}.db" for owner in dead]
        found = [str(path) for path in (past, *files) if path.exists()]
        fresh = past.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        sums = MmapedDict(str(fresh))  # type: ignore[no-untyped-call]
        for metric in MultiProcessCollector.merge(found, accumulate=False):  # type: ignore[no-untyped-call]
            for sample in metric.samples:
                labels = sample.labels
                key = mmap_key(
                    metric.name, sample.name, [*labels], [*labels.values()], metric.documentation
                )
                sums.write_value(key, sample.value, 0.0)  # type: ignore[no-untyped-call]
        sums.close()  # type: ignore[no-untyped-call]
        fresh.rename(past)
