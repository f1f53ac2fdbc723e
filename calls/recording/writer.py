"""The one thread of a process that writes recordings to the disk while calls run."""

import logging
import queue
import threading
from dataclasses import dataclass

from calls.call_log import call_log
from calls.happenings import RecordingChanged
from calls.models import RecordingState
from calls.recording.finishing import finisher
from calls.recording.running_files import RunningFile
from calls.recording.tracks import Stretch

logger = logging.getLogger(__name__)

# Twenty calls for half a minute: a disk that is slower has lost, and memory must not pay for it.
MOST_WAITING_BYTES = 8 << 20


@dataclass(frozen=True, slots=True)
class _Begin:
    call_sid: str
    announced: bool


@dataclass(frozen=True, slots=True)
class _Write:
    call_sid: str
    stretch: Stretch


@dataclass(frozen=True, slots=True)
class _Announced:
    call_sid: str


@dataclass(frozen=True, slots=True)
class _End:
    call_sid: str
    failed: bool


_Order = _Begin | _Write | _Announced | _End


class RecordingWriter:
    """Every method returns at once and may be called from any thread or loop."""

    def __init__(self) -> None:
        self._orders: queue.SimpleQueue[_Order] = queue.SimpleQueue()
        self._files: dict[str, RunningFile] = {}
        self._counting = threading.Lock()
        self._waiting_bytes = 0
        self._thread: threading.Thread | None = None

    def begin(self, call_sid: str, *, announced: bool) -> None:
        self._orders.put(_Begin(call_sid, announced))
        with self._counting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="recordings", daemon=True)
                self._thread.start()

    def write(self, call_sid: str, stretch: Stretch) -> bool:
        """False: the disk does not keep up, and this recording has to be given up."""
        with self._counting:
            if self._waiting_bytes > MOST_WAITING_BYTES:
                return False
            self._waiting_bytes += len(stretch.caller)
        self._orders.put(_Write(call_sid, stretch))
        return True

    def announced(self, call_sid: str) -> None:
        """The caller has heard that they are recorded: what is recorded may be kept."""
        self._orders.put(_Announced(call_sid))

    def end(self, call_sid: str, *, failed: bool = False) -> None:
        self._orders.put(_End(call_sid, failed))

    def _run(self) -> None:
        while True:
            order = self._orders.get()
            try:
                self._obey(order)
            except OSError as error:
                logger.error("Call %s: its recording failed (%s).", order.call_sid, error.strerror)
                self._give_up(order.call_sid)
            except Exception:  # A root: one recording that fails must not end the others.
                logger.exception("Call %s: its recording failed.", order.call_sid)
                self._give_up(order.call_sid)
            if isinstance(order, _Write):
                with self._counting:
                    self._waiting_bytes -= len(order.stretch.caller)

    def _obey(self, order: _Order) -> None:
        if isinstance(order, _Begin):
            file = RunningFile.create(order.call_sid, announced=order.announced)
            self._files[order.call_sid] = file
            call_log.post(RecordingChanged(order.call_sid, RecordingState.RUNNING))
            return
        known = self._files.get(order.call_sid)
        if known is None:  # It failed before.
            return
        match order:
            case _Write():
                known.append(order.stretch.interleaved())
            case _Announced():
                known.announced()
            case _End(failed=True):
                self._give_up(order.call_sid)
            case _End():
                del self._files[order.call_sid]
                known.close()
                finisher.expect(order.call_sid)

    def _give_up(self, call_sid: str) -> None:
        """A part of a call would be taken for the whole: nothing of it is kept."""
        file = self._files.pop(call_sid, None)
        if file is not None:
            file.delete()
        call_log.post(RecordingChanged(call_sid, RecordingState.FAILED))


writer = RecordingWriter()
