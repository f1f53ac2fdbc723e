"""What becomes of a recording after its call: compressed and put into the storage, or deleted."""

from pathlib import Path

from calls.call_log import call_log
from calls.happenings import RecordingChanged
from calls.models import Call, RecordingState
from calls.recording import shelf
from calls.recording.compressing import compress
from calls.recording.running_files import RunningFile


def finish_recording(call_sid: str) -> None:
    """Does nothing when there is nothing to finish, on this machine, or the call still runs.

    Raises whatever the storage raises, and CompressionFailed: then the file stays, the call's
    recording goes on being prepared, and its turn comes again.
    """
    file = RunningFile.adopt(call_sid)
    if file is None:
        return
    if not file.may_be_kept or _is_erased(call_sid):
        file.delete()
        _tell(call_sid, RecordingState.WITHHELD)
        return
    if not file.path.stat().st_size:  # Its process was killed in the call's first seconds.
        file.delete()
        _tell(call_sid, RecordingState.FAILED)
        return
    _tell(call_sid, RecordingState.COMPRESSING)
    compressed = file.path.with_suffix(".mp3")
    try:
        name = _put(call_sid, file.path, compressed)
    except Exception:
        file.put_off()
        file.close()
        raise
    finally:
        compressed.unlink(missing_ok=True)
    _tell(call_sid, RecordingState.READY, name)
    file.delete()


def _put(call_sid: str, recorded: Path, compressed: Path) -> str:
    compress(recorded, compressed)
    return shelf.put(call_sid, compressed)


def _is_erased(call_sid: str) -> bool:
    return Call.objects.filter(call_sid=call_sid, recording_state=RecordingState.ERASED).exists()


def _tell(call_sid: str, state: RecordingState, path: str = "") -> None:
    call_log.post(RecordingChanged(call_sid, state, path))
