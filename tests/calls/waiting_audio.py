"""What waits for the pipeline of a call, in the pieces in which it came."""

from calls.inbox import Inbox
from calls.line import CallLine


def take_waiting(line: CallLine) -> list[bytes]:
    """They wait no longer."""
    pieces, line.inbox = list(line.inbox._pieces), Inbox()
    return pieces
