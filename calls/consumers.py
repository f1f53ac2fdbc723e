"""Socket in, socket out, nothing else."""

import asyncio
import time
from typing import Any

from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings

from calls import media_streams, refusals
from calls.adoption import adopt
from calls.auth import upgrade_is_signed
from calls.denial import can_deny, deny
from calls.drain import drain
from calls.live import LiveCall, live_calls
from calls.pending_streams import pending_streams
from calls.refusals import Refused
from calls.resumed_here import resumed_here
from calls.session import CallSession
from calls.shared_store import is_shared
from calls.shared_ticket import SharedTicket
from calls.socket import Socket
from calls.tickets import CallTicket, tickets
from calls.timing import CallClock

START_SECONDS = 5.0
START_MESSAGES = 20
AT_ONCE = 10  # messages in a turn: of 50 a second, it keeps up with turns of 0.2 s
START_BYTES = 65_536  # of all messages up to `start`; one of Twilio's has about 600
# Autobahn, under Daphne, lets an application close with 1000 or 3000-4999 only: the standard's 1008
# raised inside the deadline's task and left the socket open.
REFUSED = 4008


class MediaStreamConsumer(AsyncWebsocketConsumer):
    """One Twilio media stream."""

    # No channel layer: with one, a slow handler would hold up the disconnect.
    channel_layer_alias = ""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Straight from the server's queue, some messages in each turn of the event loop.

        Channels' own loop makes a task of each message and takes three turns for it. With 20 calls
        on a starved machine its streams fell half a minute behind: the agent heard late, a
        disconnect waited behind it all, and when the load went the backlog came at once, as a flood
        for which calls were closed. Others have their turn between: nobody's flood is theirs.
        """
        self.scope, self.base_send, self.channel_layer = scope, send, None
        try:
            while True:
                for _ in range(AT_ONCE):
                    await self.dispatch(await receive())
                await asyncio.sleep(0)
        except StopConsumer:
            pass
        finally:
            # Daphne kills a consumer without a disconnect; its call must not live on.
            self._leave(cleanly=False)

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Straight to the handler.

        The stock dispatch awaits a trip through the one thread that all consumers share, for every
        message, to close old database connections: a 1 s query in one call delayed another call's
        audio by up to 983 ms (1 ms with this), and a frame cost 300 us of CPU (50 us with this).
        """
        if message["type"] == "websocket.receive":
            await self.websocket_receive(message)
        elif message["type"] == "websocket.connect":
            await self.websocket_connect(message)
        else:
            # The stock one goes through a thread, for database connections that it has none of.
            await self.disconnect(message["code"])
            raise StopConsumer

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._session: LiveCall | None = None
        self._socket = Socket(self._send_text, self._close)
        self._messages_before_start = 0
        self._bytes_before_start = 0
        self._deadline: asyncio.Task[None] | None = None
        self._looking_up: asyncio.Task[CallTicket | SharedTicket | None] | None = None
        self._gives_way = asyncio.Event()
        self._opened_at = 0.0  # monotonic seconds

    async def connect(self) -> None:
        if not upgrade_is_signed(self._signature()):
            refusals.note(Refused.UPGRADE_SIGNATURE)
            await self.close()
        elif drain.is_over or (drain.is_on and not tickets.expects()):
            refusals.note(Refused.SERVER_STOPS)
            await self._send_elsewhere()
        elif not pending_streams.let_in(
            self,
            settings.MAX_PENDING_STREAMS,
            may_be_awaited=is_shared() or tickets.expects(),  # Another process's ticket is unseen.
        ):
            refusals.note(Refused.TOO_MANY_PENDING)
            await self._send_elsewhere()
        else:
            await self.accept()
            self._opened_at = time.monotonic()
            self._deadline = asyncio.create_task(self._expect_start(), name="await start")

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self._socket.closed.is_set():
            return  # Refused or replaced: a `start` that comes now would hold a seat for nobody.
        message = media_streams.parse(text_data)
        if self._session is not None:
            refused = self._session.feed(message)
            if refused is not None:
                await self._refuse(refused)
            return
        self._bytes_before_start += len(bytes_data or (text_data or "").encode(errors="replace"))
        self._messages_before_start += 1
        if self._bytes_before_start > START_BYTES or self._messages_before_start > START_MESSAGES:
            await self._refuse(Refused.NO_START)
        elif isinstance(message, media_streams.StreamStarted):
            await self._start(message)

    async def disconnect(self, code: int) -> None:
        self._leave(cleanly=code in {1000, 1001})

    def give_way(self) -> None:
        """Another socket needs the place of this one, which has shown no good token."""
        self._gives_way.set()
        if self._looking_up is not None:
            self._looking_up.cancel()

    def _leave(self, *, cleanly: bool) -> None:
        pending_streams.leave(self)
        for task in (self._deadline, self._looking_up):
            if task is not None:
                task.cancel()
        self._socket.closed.set()
        if self._session is not None:
            self._session.gone(self._socket, cleanly=cleanly)

    async def _start(self, start: media_streams.StreamStarted) -> None:
        # It came in time; what follows has deadlines of its own. Closed by this one while another
        # process's word was awaited, the caller would lose a call whose token is used up.
        clock = CallClock()
        if self._deadline is not None:
            self._deadline.cancel()
        ticket = await self._ticket_of(start)
        if isinstance(ticket, SharedTicket):
            ticket = await adopt(ticket)
        if ticket is not None:
            self._session = await self._session_for(ticket, start.stream_sid, clock)
        if self._session is None:
            await self._refuse(Refused.NO_VALID_TOKEN)
        pending_streams.leave(self)

    async def _ticket_of(
        self, start: media_streams.StreamStarted
    ) -> CallTicket | SharedTicket | None:
        """For a made-up token another process is waited for, unless the place is needed. Without
        other processes nothing is, and the greeting waits for no turn of the loop.
        """
        token = start.parameters.get("token", "")
        asking = tickets.redeem(token, call_sid=start.call_sid, account_sid=start.account_sid)
        if is_shared():
            self._looking_up = asyncio.create_task(asking, name="look up token")
            await asyncio.wait([self._looking_up])
            ticket = None if self._looking_up.cancelled() else self._looking_up.result()
        else:
            ticket = await asking
        if ticket is not None:
            pending_streams.is_good(self)
        return ticket

    async def _session_for(
        self, ticket: CallTicket, stream_sid: str, clock: CallClock
    ) -> LiveCall | None:
        """The session that goes on over this socket; None when the call is as good as over."""
        running = live_calls.get(ticket.call_sid)
        if running is not None:
            ticket.nobody_needs_it()  # The session has its own.
            taken = running.take_over(stream_sid, self._socket, resumes=ticket.resumes)
            return running if taken else None
        if ticket.resumes:
            return await resumed_here(ticket, stream_sid, self._socket)
        session = CallSession(ticket, stream_sid, self._socket, clock)
        await session.begin()
        live_calls.run(session, session.run())
        session.came_by(rang_at=ticket.minted_at, opened_at=self._opened_at)
        return session

    async def _expect_start(self) -> None:
        try:
            async with asyncio.timeout(START_SECONDS):
                await self._gives_way.wait()
        except TimeoutError:
            pass
        await self._refuse(Refused.NO_START)

    async def _send_elsewhere(self) -> None:
        if can_deny(self.scope):
            await deny(self.base_send, 503)
        else:
            await self.close()

    async def _refuse(self, why: Refused) -> None:
        refusals.note(why)
        await self._socket.close(REFUSED)

    async def _send_text(self, text: str) -> None:
        await self.base_send({"type": "websocket.send", "text": text})

    async def _close(self, code: int) -> None:
        await self.close(code)

    def _signature(self) -> str | None:
        for name, value in self.scope["headers"]:
            if name == b"x-twilio-signature":
                return str(value, "latin-1")
        return None
