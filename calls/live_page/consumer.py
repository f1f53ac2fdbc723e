"""The socket of one page of live calls: what it may see, and what it may order."""

import asyncio
import dataclasses
import json
import logging
import time
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass
from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import Error
from django.utils import translation
from django.utils.translation import gettext as _

from calls.live_page.asked import Asked, NotUnderstood, answer, asked, not_reached
from calls.live_page.colleague import Colleague, colleague_of, language_of, ordered
from calls.live_page.door import at_the_door, refuse, session_key_of
from calls.live_page.orders import Outcome
from calls.live_page.shown import Message, Shown
from calls.live_page.wire import CARRIERS, PAGES, Ear, document, tell_group
from calls.live_page.words_so_far import over_already, words_so_far

logger = logging.getLogger(__name__)

TICK_SECONDS = 0.25
LOOK_SECONDS = 5.0  # how often rights are asked again, and processes are told that we watch
READ_SECONDS = 10.0  # how often what is written is read, beside what is heard
WRITTEN_SECONDS = 1.5  # after so long, what a call has said is written
ANSWER_SECONDS = 3.0
MOST_AT_ONCE, PER_SECOND = 20.0, 2.0  # messages of a page
NOT_ALLOWED, TOO_MANY, FAILED = 4403, 4408, 4500


@dataclass(frozen=True, slots=True)
class _Pending:
    asked: Asked
    until: float  # monotonic seconds


class LivePageConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    """Behind an origin validator, which has read the cookies: see calls/routing.py."""

    # Its own ear instead: through Redis's absence the socket stays, and says so.
    channel_layer_alias = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._session_key = ""
        self._language = "en"
        self._shown = Shown(sees_numbers=False)
        self._pending: dict[str, _Pending] = {}
        self._ear = Ear(PAGES, self._heard, self._hearing_changed)
        self._tasks: list[asyncio.Task[None]] = []
        self._hears = self._ended = False
        self._look_at = self._read_at = self._read_again_at = 0.0
        self._allowance, self._allowed_at = MOST_AT_ONCE, time.monotonic()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self._leave()  # Also when a server ends it without a disconnect.

    async def connect(self) -> None:
        """Nobody has an open socket who may not see calls. The page asks why: see live.js."""
        answer = await at_the_door(self.scope)
        if not isinstance(answer, Colleague):
            await refuse(answer, self.scope, self.base_send)
            return
        self._session_key = session_key_of(self.scope)
        self._language = language_of(self.scope)
        await self.accept()
        self._shown.sees_numbers = answer.sees_numbers
        self._tasks = [
            asyncio.create_task(self._guarded(self._ear.run()), name="live page listening"),
            asyncio.create_task(self._guarded(self._keep_up()), name="live page keeping up"),
        ]

    async def disconnect(self, code: int) -> None:
        await self._leave()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self._ended:
            return
        if not self._one_more_is_allowed():
            await self._end(TOO_MANY)
            return
        with translation.override(self._language):
            wish = asked(text_data)
            if isinstance(wish, NotUnderstood):
                await self._answer(wish.page_id, False, wish.why)
            else:
                try:
                    await self._order(wish)
                except Error:  # Nothing is done that cannot be allowed and written down.
                    why = _("The database did not answer, so nothing was done. Try again.")
                    await self._answer(wish.page_id, False, why)

    # Orders ---------------------------------------------------------------------

    async def _order(self, wish: Asked) -> None:
        colleague = await self._colleague()
        if colleague is None:
            await self._end(NOT_ALLOWED)
        elif not colleague.may_order:
            await self._answer(wish.page_id, False, _("You may not do this."))
        elif wish.order.call_sid not in self._shown:
            await self._answer(wish.page_id, False, answer(wish.order, Outcome.OVER))
        else:
            await self._give(wish, colleague)

    async def _give(self, wish: Asked, colleague: Colleague) -> None:
        text = wish.order.text
        if wish.order.kind == "transfer":
            text = self._shown.target_shown_as(text, wish.order.call_sid)
        order = dataclasses.replace(
            wish.order, who=colleague.name, reply_to=self._ear.channel, text=text
        )
        await database_sync_to_async(ordered)(self._session_key, order)
        self._pending[order.order_id] = _Pending(
            Asked(wish.page_id, order), time.monotonic() + ANSWER_SECONDS
        )
        if not await tell_group(CARRIERS, {"type": "order", "order": document(order)}):
            self._pending.pop(order.order_id, None)
            await self._answer(wish.page_id, False, not_reached())

    async def _outcome(self, order_id: str, outcome: str) -> None:
        pending = self._pending.pop(order_id, None)
        if pending is not None:
            sentence = answer(pending.asked.order, outcome)
            await self._answer(pending.asked.page_id, outcome == Outcome.DONE, sentence)

    async def _answer(self, page_id: str, done: bool, sentence: str) -> None:
        await self._send({"kind": "answer", "id": page_id, "done": done, "text": sentence})

    # What the page is shown -----------------------------------------------------

    async def _heard(self, message: dict[str, Any]) -> None:
        with translation.override(self._language):
            if message["type"] == "answer":
                await self._outcome(message["order_id"], message["outcome"])
            elif message["type"] == "cards":
                await self._show(self._shown.cards(message["cards"]))
            else:
                for entry in message["entries"]:
                    await self._show(self._shown.entry(entry))

    async def _show(self, messages: Iterable[Message]) -> None:
        for message in messages:
            await self._send(message)
            if message["kind"] == "call":
                # At once, for what was said before; again, for what was not written by then.
                self._look_at = self._read_at = 0.0
                self._read_again_at = time.monotonic() + WRITTEN_SECONDS

    async def _hearing_changed(self, hears: bool) -> None:
        self._hears = hears
        self._look_at = 0.0
        self._shown.still_there()
        await self._send({"kind": "state", "away": not hears})

    async def _keep_up(self) -> None:
        while not self._ended:
            with translation.override(self._language):
                await self._expire_orders()
                if time.monotonic() >= self._look_at:
                    await self._look()
                if time.monotonic() >= min(self._read_at, self._read_again_at or self._read_at):
                    await self._read()
            await asyncio.sleep(TICK_SECONDS)

    async def _look(self) -> None:
        self._look_at = time.monotonic() + LOOK_SECONDS
        try:
            colleague = await self._colleague()
        except Error:
            return  # Nobody may order anything meanwhile, and what is seen was allowed.
        if colleague is None:
            await self._end(NOT_ALLOWED)
            return
        self._shown.sees_numbers = colleague.sees_numbers
        if self._hears:
            await tell_group(CARRIERS, {"type": "watch", "reply_to": self._ear.channel})
            await self._show(self._shown.gone())
        else:
            self._shown.still_there()

    async def _read(self) -> None:
        now = time.monotonic()
        self._read_at = now + READ_SECONDS
        if self._read_again_at <= now:
            self._read_again_at = 0.0
        call_sids = self._shown.call_sids
        if not call_sids:
            return
        try:
            lines = await database_sync_to_async(words_so_far)(call_sids)
            over = await database_sync_to_async(over_already)(call_sids)
        except Error:
            return  # Read at the next time; what is said now is heard.
        await self._show(self._shown.written(lines))
        for call_sid, ended_by in over.items():
            await self._show(self._shown.over(call_sid, ended_by))

    async def _expire_orders(self) -> None:
        now = time.monotonic()
        for order_id, pending in list(self._pending.items()):
            if pending.until <= now:
                del self._pending[order_id]
                await self._answer(pending.asked.page_id, False, not_reached())

    # The connection -------------------------------------------------------------

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception:  # A root: the page comes back by itself, and must not stand still.
            logger.exception("A page of live calls failed.")
            await self._end(FAILED)

    async def _end(self, code: int) -> None:
        if not self._ended:
            self._ended = True
            await self.close(code)

    async def _colleague(self) -> Colleague | None:
        colleague: Colleague | None = await database_sync_to_async(colleague_of)(self._session_key)
        return colleague

    def _one_more_is_allowed(self) -> bool:
        now = time.monotonic()
        regained = (now - self._allowed_at) * PER_SECOND
        self._allowance = min(MOST_AT_ONCE, self._allowance + regained) - 1.0
        self._allowed_at = now
        return self._allowance >= 0.0

    async def _send(self, message: Message) -> None:
        if not self._ended:
            await self.send(text_data=json.dumps(message))

    async def _leave(self) -> None:
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=5.0)
