"""The only writer of call rows: a queue, and one thread that empties it.

Nothing on the audio path waits for the database. The thread keeps what it could not write and
tries again, so a database that is away for a while delays records and loses none.
"""

import atexit
import dataclasses
import logging
import queue
import threading

from django.db import (
    DatabaseError,
    DataError,
    IntegrityError,
    InterfaceError,
    close_old_connections,
    transaction,
)

from calls.happenings import (
    CallOver,
    CallRang,
    CustomerKnown,
    Happening,
    Milestone,
    Said,
    StatusReported,
    StreamBegan,
    ToolRan,
    ToolsOffered,
)
from calls.models import Call, CallEvent, EndedBy, Status, ToolOffer, ToolRun, Utterance

logger = logging.getLogger(__name__)

BATCH = 500
RETRY_SECONDS = 1.0
FINAL = (Status.COMPLETED, Status.FAILED)
# Twilio's words for a call that is over, and ours.
TWILIO_FINAL = {
    "completed": Status.COMPLETED,
    "canceled": Status.COMPLETED,
    "busy": Status.COMPLETED,
    "no-answer": Status.COMPLETED,
    "failed": Status.FAILED,
}


class CallLog:
    """Post from any thread or loop; rows follow within a moment."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[Happening | threading.Event] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._stopping = threading.Event()

    def post(self, happening: Happening) -> None:
        """Have this written. Returns at once."""
        self._queue.put(happening)
        if self._thread is None:
            self._start()

    def flush(self, timeout_seconds: float) -> bool:
        """Wait until everything posted so far is written. False when that took too long."""
        if self._thread is None:
            return True
        written = threading.Event()
        self._queue.put(written)
        return written.wait(timeout_seconds)

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="call log", daemon=True)
                self._thread.start()
                atexit.register(self.flush, 5.0)

    def _run(self) -> None:
        while True:
            self._write_until_done(self._take_batch())

    def _take_batch(self) -> list[Happening | threading.Event]:
        batch = [self._queue.get()]
        while len(batch) < BATCH:
            try:
                batch.append(self._queue.get_nowait())
            except queue.Empty:
                break
        return batch

    def _write_until_done(self, batch: list[Happening | threading.Event]) -> None:
        happenings = [item for item in batch if not isinstance(item, threading.Event)]
        while happenings and not self._write(happenings):
            self._stopping.wait(RETRY_SECONDS)
        for item in batch:
            if isinstance(item, threading.Event):
                item.set()

    def _write(self, happenings: list[Happening]) -> bool:
        close_old_connections()
        try:
            with transaction.atomic():
                for happening in happenings:
                    self._write_one(happening)
        except (DatabaseError, InterfaceError):
            logger.exception("Call rows could not be written; trying again.")
            return False
        finally:
            close_old_connections()
        return True

    def _write_one(self, happening: Happening) -> None:
        try:
            with transaction.atomic():
                write(happening)
        except Exception as error:  # One bad value must not hold up every other call's record.
            refused = isinstance(error, (DataError, IntegrityError))
            if isinstance(error, (DatabaseError, InterfaceError)) and not refused:
                raise
            # Without the message: it quotes the value, which may be what a caller said.
            kind, problem = type(happening).__name__, type(error).__name__
            logger.error("A %s could not be written: %s.", kind, problem)


def write(happening: Happening) -> None:
    """Apply one happening to the rows. Applying it twice, or in another order, does no harm."""
    call, _created = Call.objects.get_or_create(call_sid=happening.call_sid)
    match happening:
        case CallRang():
            _fill(
                call,
                happening,
                ("from_number", "to_number", "agent_name", "revision", "webhook_ms"),
            )
        case StreamBegan():
            _write_began(call, happening)
        case Milestone():
            CallEvent.objects.create(
                call=call, name=happening.name, at_ms=happening.at_ms, detail=happening.detail[:200]
            )
        case CustomerKnown():
            call.customer_name, call.customer_key = happening.name[:200], happening.key
            call.save(update_fields=("customer_name", "customer_key"))
        case Said():
            fields = dataclasses.asdict(happening)
            del fields["call_sid"]
            Utterance.objects.create(call=call, **fields)
        case ToolRan():
            ToolRun.objects.create(
                call=call,
                name=happening.name[:100],
                arguments=dict(happening.arguments),
                result=dict(happening.result),
                outcome=happening.outcome,
                at_ms=happening.at_ms,
                ms=happening.ms,
            )
        case ToolsOffered():
            ToolOffer.objects.create(call=call, names=list(happening.names), at_ms=happening.at_ms)
        case CallOver():
            _write_over(call, happening)
        case StatusReported():
            _write_status(call, happening)


def _fill(call: Call, happening: object, names: tuple[str, ...]) -> None:
    for name in names:
        setattr(call, name, getattr(happening, name))
    call.save(update_fields=names)


def _write_began(call: Call, happening: StreamBegan) -> None:
    call.stream_sid = happening.stream_sid
    call.started_at = call.started_at or happening.at
    if call.status not in FINAL:
        call.status = Status.IN_PROGRESS
    call.save(update_fields=("stream_sid", "started_at", "status"))


def _write_over(call: Call, happening: CallOver) -> None:
    for name, value in dataclasses.asdict(happening.timings).items():
        if value is not None:
            setattr(call, name, value)
    call.ended_by = happening.ended_by
    call.ended_at = happening.at
    call.duration_ms = round(happening.duration_ms)
    failed = happening.ended_by == EndedBy.ERROR
    call.status = Status.FAILED if failed else Status.COMPLETED
    call.save()


def _write_status(call: Call, happening: StatusReported) -> None:
    """Twilio's word closes a call whose stream never came; it never reopens one."""
    final = TWILIO_FINAL.get(happening.status)
    if final is None or call.status in FINAL:
        return
    if call.started_at is not None:
        return  # The session is closing it, with who ended it and how long it took.
    call.status, call.ended_at = final, happening.at
    call.ended_by = EndedBy.ERROR if final == Status.FAILED else EndedBy.CALLER
    call.save(update_fields=("status", "ended_at", "ended_by"))


call_log = CallLog()
