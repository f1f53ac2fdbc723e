"""What of calls is still on its way from a journal of this machine to the rows?"""

import re
from collections.abc import Collection, Iterator
from pathlib import Path

from django.conf import settings
from django.db import connection

from calls.journal import folder_of
from calls.journal_segments import SUFFIX
from calls.models import JournalPosition

_CALL = re.compile(rb'"call_sid":"([^"]*)"')
_FROM = re.compile(rb'"from_number":"([^"]*)"')


class CannotRead(Exception):
    """The message names the journal. Only whoever runs the server can mend it."""


def is_on_its_way(numbers: Collection[str], call_sids: Collection[str]) -> bool:
    """Something of these, in a journal of any process. Other machines write theirs within a second,
    or their database is away, as is ours. Raises CannotRead.
    """
    from_them = {number.encode() for number in numbers}
    calls = {call_sid.encode() for call_sid in call_sids}
    for path in _journals():
        unwritten = _unwritten(path)
        if not calls.isdisjoint(_CALL.findall(unwritten)):
            return True
        if not from_them.isdisjoint(_FROM.findall(unwritten)):
            return True
    return False


def on_their_way(call_sids: Collection[str]) -> set[str]:
    """Those of these calls that a journal can still tell something of."""
    found: set[bytes] = set()
    for path in _journals():
        try:
            found.update(_CALL.findall(_unwritten(path)))
        except CannotRead:  # Nobody will: it holds up no call. Whoever takes journals over logs it.
            continue
    return {call_sid for call_sid in call_sids if call_sid.encode() in found}


def _journals() -> Iterator[Path]:
    folder = folder_of(Path(settings.CALL_LOG_DIR), connection.settings_dict)
    yield from folder.glob(f"*{SUFFIX}")


def _unwritten(path: Path) -> bytes:
    # Read before the position: what becomes rows in between is looked for in vain, and no harm.
    try:
        content = path.read_bytes()
    except FileNotFoundError:  # All of it has become rows.
        return b""
    except OSError as error:
        raise CannotRead(str(path)) from error
    position = JournalPosition.objects.filter(name=path.stem).first()
    return content[position.position_bytes if position is not None else 0 :]
