"""Which call does this socket belong to? Single-use stream tokens, minted by the webhook.

With Redis, a token that one process minted is good in each, once: taking it off the shared store
decides. The tokens of a call are a group there, which the first that is used ends: the others are
void in each process. While Redis is away, a token is good in the process that minted it.
"""

import asyncio
import hashlib
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from calls.caller_context import Prefetch
from calls.shared_store import StoreUnavailable, is_shared, shared_store
from calls.shared_ticket import SharedTicket, read, written
from catalog.snapshot import AgentSpec, CatalogSnapshot

if TYPE_CHECKING:
    from calls.pipeline.warm_sockets import WarmSockets

TOKEN_BYTES = 16  # 128 bits
LIFETIME_SECONDS = 60.0
# A stream follows its webhook within a second or two. What has not come after so long has gone to
# another process, and must not take a seat in this one.
AWAITED_SECONDS = 5.0
# In this process alone the token stays good, and its caller is let in; somebody who has not come
# after so long has hung up, and keeps nobody else out.
SEAT_SECONDS = 10.0
BEING_SHARED_SECONDS = 0.5  # how much later than the stream the word of another process may come
TOKENS_OF_A_CALL = 3  # Twilio tries a webhook no more often


@dataclass(slots=True)
class CallTicket:
    """What the webhook learnt of a call, kept until its media stream starts."""

    call_sid: str
    account_sid: str
    caller_number: str | None
    agent: AgentSpec
    snapshot: CatalogSnapshot  # the call keeps the one it began with
    prefetch: Prefetch
    resumes: bool = False  # its stream broke: this one goes on with the conversation
    minted_at: float = field(default_factory=time.monotonic)
    shared: bool = False  # the shared store holds it too, and decides who may have it
    sharing: "asyncio.Task[None] | None" = None
    warm_sockets: "WarmSockets | None" = None  # of a call that rang here

    def nobody_needs_it(self) -> None:
        """What was begun for this call while the phone rang has come to nothing, or is done."""
        self.prefetch.cancel()
        if self.warm_sockets is not None:
            self.warm_sockets.close()

    def go_on_with(self, other: "CallTicket") -> None:
        """That one, of the same call, comes to nothing: what is warm for it is for this one."""
        if self.warm_sockets is None:
            self.warm_sockets, other.warm_sockets = other.warm_sockets, None

    def anew(self, prefetch: Prefetch, *, resumes: bool) -> "CallTicket":
        """The same call, to be connected once more: with a token and a lifetime of its own."""
        return replace(
            self,
            prefetch=prefetch,
            resumes=resumes,
            minted_at=time.monotonic(),
            shared=False,
            sharing=None,
            warm_sockets=None,
        )


class Tickets:
    """Tokens that were minted and not redeemed. Each is good once, for 60 s.

    They are kept as hashes, so that no comparison of tokens can be timed.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._tickets: dict[str, CallTicket] = {}  # by _key(token), oldest first

    def __len__(self) -> int:
        self._forget_expired()
        return len(self._tickets)

    def waiting_besides(self, call_sid: str) -> list[CallTicket]:
        """Other calls that are on their way and have a seat: a retried webhook takes no second."""
        self._forget_expired()
        now = self._now()
        waiting = {
            ticket.call_sid: ticket
            for ticket in self._tickets.values()
            if ticket.call_sid != call_sid
            and now - ticket.minted_at <= (AWAITED_SECONDS if ticket.shared else SEAT_SECONDS)
        }
        return list(waiting.values())

    def expects(self, call_sid: str | None = None) -> bool:
        """Whether the stream of this call, or of any, may still come here."""
        self._forget_expired()
        oldest = self._now() - AWAITED_SECONDS
        return any(
            call_sid in (None, ticket.call_sid)
            for ticket in self._tickets.values()
            if not (ticket.shared and ticket.minted_at < oldest)
        )

    def of_call(self, call_sid: str) -> CallTicket | None:
        """Of a call that rang here and whose stream has not started."""
        self._forget_expired()
        keys = self._of_call(call_sid)
        return self._tickets[keys[-1]] if keys else None

    def is_warm(self, call_sid: str) -> bool:
        """Whether sockets are open, or about to be, that the stream of this call will take."""
        warm = (self._tickets[key].warm_sockets for key in self._of_call(call_sid))
        return any(it is not None and not it.is_over for it in warm)

    def drop(self, call_sid: str) -> None:
        """The caller has hung up before the stream started: nobody comes, and the seat is free."""
        for key in self._of_call(call_sid):
            self._forget(key)

    def mint(self, ticket: CallTicket) -> str:
        """A token for this call. One that it has already (its webhook was retried) stays good: a
        request that was held up may come after its own repetition, whose answer Twilio follows.
        """
        self._forget_expired()
        for older in self._of_call(ticket.call_sid)[: 1 - TOKENS_OF_A_CALL]:
            self._forget(older)
        token = secrets.token_urlsafe(TOKEN_BYTES)
        self._tickets[_key(token)] = ticket
        return token

    def share(self, token: str, ticket: CallTicket) -> None:
        """Make the token good in every process.

        In the background: while it was waited for, 20 webhooks in one second took 80 ms each on
        two cores, and 0.7 ms without. Whoever redeems it waits for it instead.
        """
        if is_shared():
            ticket.sharing = asyncio.create_task(self._share(token, ticket), name="share token")

    async def _share(self, token: str, ticket: CallTicket) -> None:
        try:
            await shared_store().join(
                _group(ticket.call_sid), _key(token), written(ticket), LIFETIME_SECONDS
            )
            ticket.shared = True
        except StoreUnavailable:
            return  # The store has said so: the stream has to come back to this process.

    async def redeem(
        self, token: str, *, call_sid: str, account_sid: str
    ) -> CallTicket | SharedTicket | None:
        """The ticket, once, and only to the call and account it was minted for."""
        key = _key(token)
        if not is_shared():
            return self._redeem_here(key, call_sid, account_sid)
        here = self._tickets.get(key)
        if here is not None and here.sharing is not None:
            await asyncio.wait([here.sharing])  # It has deadlines of its own.
        try:
            if here is not None:
                found = await shared_store().take(key)
            else:
                found = await shared_store().wait(key, BEING_SHARED_SECONDS)
        except StoreUnavailable:
            return self._redeem_here(key, call_sid, account_sid)
        return await self._redeem_shared(key, found, call_sid, account_sid)

    async def _redeem_shared(
        self, key: str, found: str | None, call_sid: str, account_sid: str
    ) -> CallTicket | SharedTicket | None:
        """`found` was taken off the shared store: nobody else has it."""
        here = self._tickets.get(key)
        if found is None:
            # Used up, or never shared because the store was away when the phone rang.
            unshared = here is not None and not here.shared
            return self._redeem_here(key, call_sid, account_sid) if unshared else None
        there = read(found)
        if there is None:
            return None
        if (there.call_sid, there.account_sid) != (call_sid, account_sid):
            await self._give_back(key, found, there)
            return None
        with suppress(StoreUnavailable):  # It was there a moment ago: this one is good then.
            if not await shared_store().win(_group(call_sid), key):
                return None  # Another token of this call was used.
        return self._redeem_here(key, call_sid, account_sid) if here is not None else there

    async def _give_back(self, key: str, written: str, ticket: SharedTicket) -> None:
        """Somebody else's guess must not void it for the call it was minted for."""
        left_seconds = LIFETIME_SECONDS - (time.time() - ticket.rang_at)
        try:
            if left_seconds > 0.0:
                await shared_store().put(key, written, min(left_seconds, LIFETIME_SECONDS))
        except StoreUnavailable:
            return

    def _redeem_here(self, key: str, call_sid: str, account_sid: str) -> CallTicket | None:
        self._forget_expired()
        ticket = self._tickets.get(key)
        if ticket is None or (ticket.call_sid, ticket.account_sid) != (call_sid, account_sid):
            return None
        del self._tickets[key]
        for other in self._of_call(call_sid):
            ticket.go_on_with(self._tickets[other])
            self._forget(other)
        ticket.prefetch.stays_here()
        return ticket

    def _of_call(self, call_sid: str) -> list[str]:
        return [key for key, ticket in self._tickets.items() if ticket.call_sid == call_sid]

    def _forget_expired(self) -> None:
        oldest = self._now() - LIFETIME_SECONDS
        for key, ticket in list(self._tickets.items()):
            if ticket.minted_at >= oldest:
                break  # insertion order is age order
            self._forget(key)

    def _forget(self, key: str) -> None:
        self._tickets.pop(key).nobody_needs_it()


def _key(token: str) -> str:
    """Who can read the store learns no token from it."""
    return "token:" + hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _group(call_sid: str) -> str:
    return f"tokens:{call_sid}"


tickets = Tickets()
