"""The recording of a call that runs, or is not finished yet: a file and the lock on it.

Interleaved stereo mu-law without a header: whatever of it was written can be played, so a killed
process loses four seconds. Its lock goes with the process; whoever starts next finishes the file.
"""

import fcntl
import os
import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

CALL_SID = re.compile(r"[A-Za-z0-9]{2,64}")
TO_KEEP = ".mulaw"
UNANNOUNCED = ".unannounced"  # must not be kept as long as it is called so


def running_folder() -> Path:
    return Path(settings.RECORDING_DIR) / "running"


class RunningFile:
    """`fd` is open and locked, until `close` or `delete`."""

    def __init__(self, path: Path, fd: int) -> None:
        self.path = path
        self.call_sid = path.stem
        self._fd = fd

    @classmethod
    def create(cls, call_sid: str, *, announced: bool) -> "RunningFile":
        """Raises OSError; also when the call has a recording already, or its SID is no name."""
        if not CALL_SID.fullmatch(call_sid):
            raise OSError("A call SID that Twilio would not give.")
        folder = running_folder()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / (call_sid + (TO_KEEP if announced else UNANNOUNCED))
        if _path_of(call_sid) is not None:
            raise FileExistsError("This call has a recording already.")
        # Under another name until it is locked: nobody may take it for one left behind.
        fresh = path.with_suffix(".new")
        fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fresh.rename(path)
        return cls(path, fd)

    @classmethod
    def adopt(cls, call_sid: str) -> "RunningFile | None":
        """None when there is none, or when it is still somebody's."""
        path = _path_of(call_sid) if CALL_SID.fullmatch(call_sid) else None
        if path is None:
            return None
        try:
            fd = os.open(path, os.O_WRONLY)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(fd)
            return None
        if not path.exists():  # Somebody has finished it since it was opened.
            os.close(fd)
            return None
        return cls(path, fd)

    @property
    def may_be_kept(self) -> bool:
        return self.path.suffix == TO_KEEP

    def announced(self) -> None:
        self.path = self.path.rename(self.path.with_suffix(TO_KEEP))

    def append(self, audio: bytes) -> None:
        """Raises OSError."""
        rest = memoryview(audio)
        while rest:
            rest = rest[os.write(self._fd, rest) :]

    def put_off(self) -> None:
        """It could not be finished: its turn comes again when it has aged anew."""
        os.utime(self.path)

    def close(self) -> None:
        os.close(self._fd)

    def delete(self) -> None:
        self.path.unlink(missing_ok=True)
        self.close()


def left_behind(older_than: float) -> Iterator[str]:
    """The call SIDs of files untouched since then, in seconds of the epoch."""
    folder = running_folder()
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        try:
            if path.suffix in (TO_KEEP, UNANNOUNCED) and path.stat().st_mtime < older_than:
                yield path.stem
        except FileNotFoundError:  # Finished meanwhile.
            continue


def _path_of(call_sid: str) -> Path | None:
    paths = [running_folder() / (call_sid + suffix) for suffix in (TO_KEEP, UNANNOUNCED)]
    return next((path for path in paths if path.exists()), None)
