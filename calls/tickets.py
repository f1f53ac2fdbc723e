"""Which call does this socket belong to? Single-use stream tokens, minted by the webhook.

A token lives in this process only: the socket must land where its webhook did.
"""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from calls.caller_context import Prefetch
from catalog.snapshot import AgentSpec, CatalogSnapshot

TOKEN_BYTES = 16  # 128 bits
LIFETIME_SECONDS = 60.0


@dataclass(slots=True)
class CallTicket:
    """What the webhook learnt of a call, kept until its media stream starts."""

    call_sid: str
    account_sid: str
    caller_number: str | None
    agent: AgentSpec
    snapshot: CatalogSnapshot  # the call keeps the one it began with
    prefetch: Prefetch
    minted_at: float = field(default_factory=time.monotonic)


class Tickets:
    """Tokens that were minted and not redeemed. Each is good once, for 60 s."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._tickets: dict[str, CallTicket] = {}

    def __len__(self) -> int:
        self._forget_expired()
        return len(self._tickets)

    def waiting_besides(self, call_sid: str) -> list[CallTicket]:
        """Other calls that are on their way: a retried webhook takes no second place."""
        self._forget_expired()
        return [ticket for ticket in self._tickets.values() if ticket.call_sid != call_sid]

    def mint(self, ticket: CallTicket) -> str:
        """A token for this call. An older one of the same call (a retried webhook) is void."""
        self._forget_expired()
        for token, older in list(self._tickets.items()):
            if older.call_sid == ticket.call_sid:
                self._forget(token)
        token = secrets.token_urlsafe(TOKEN_BYTES)
        self._tickets[token] = ticket
        return token

    def redeem(self, token: str, *, call_sid: str, account_sid: str) -> CallTicket | None:
        """The ticket, once, and only to the call and account it was minted for."""
        self._forget_expired()
        ticket = self._tickets.get(token)
        if ticket is None or (ticket.call_sid, ticket.account_sid) != (call_sid, account_sid):
            return None
        del self._tickets[token]
        return ticket

    def _forget_expired(self) -> None:
        oldest = self._now() - LIFETIME_SECONDS
        for token, ticket in list(self._tickets.items()):
            if ticket.minted_at >= oldest:
                break  # insertion order is age order
            self._forget(token)

    def _forget(self, token: str) -> None:
        self._tickets.pop(token).prefetch.cancel()


tickets = Tickets()
