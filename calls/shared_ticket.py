"""What another process has to know of a call that rang here: a line of JSON, and back."""

import json
import logging
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from calls.tickets import CallTicket

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SharedTicket:
    """A ticket for another process: JSON in the shared store. `rang_at` is seconds of the epoch."""

    call_sid: str
    account_sid: str
    caller_number: str | None
    agent_id: int
    revision: int
    rang_at: float
    resumes: bool = False


def written(ticket: "CallTicket") -> str:
    return json.dumps(
        asdict(
            SharedTicket(
                call_sid=ticket.call_sid,
                account_sid=ticket.account_sid,
                caller_number=ticket.caller_number,
                agent_id=ticket.agent.agent_id,
                revision=ticket.snapshot.revision,
                rang_at=time.time() - (time.monotonic() - ticket.minted_at),
                resumes=ticket.resumes,
            )
        )
    )


def read(written: str) -> SharedTicket | None:
    try:
        return SharedTicket(**json.loads(written))
    except (TypeError, ValueError):
        logger.warning("A ticket in the shared store is damaged.")
        return None
