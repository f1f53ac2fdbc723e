"""The order of one call: it rings, it is answered, TwiML leads it through streams, it ends."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from secrets import token_hex

from aiohttp import ClientSession

from rehearsal.caller.call_flow import CallFlow, Document, StreamOver
from rehearsal.caller.callbacks import Callbacks
from rehearsal.caller.conduct import TWILIO
from rehearsal.caller.conversation import Conversation
from rehearsal.caller.deeds import Deeds
from rehearsal.caller.errors import CallFailed
from rehearsal.caller.incoming_call import Answered, describe, fall_back, place_call
from rehearsal.caller.listening import Listening
from rehearsal.caller.media_stream import HandshakeRefused, MediaStream, open_stream
from rehearsal.caller.observed import SOCKET_IS_GONE, Ending, Observed
from rehearsal.caller.person import Person
from rehearsal.caller.recording import write_recording
from rehearsal.caller.report import AroundTheStream, CallReport
from rehearsal.caller.rest_side import RestSide
from rehearsal.caller.review import review
from rehearsal.caller.script import CallScript
from rehearsal.caller.side_deeds import FOREIGN_ACCOUNT, SideDeeds, another_call, forged
from rehearsal.caller.stream_messages import MessageWriter
from rehearsal.caller.target import Target
from rehearsal.caller.telephone import Telephone
from rehearsal.caller.twiml import StreamVerb
from rehearsal.caller.webhooks import CallIdentity, WebhookFailed

LEFT_WAITING_SECONDS = 30.0
TWIML_IS_NONSENSE = 12100  # Twilio's code for what cannot be parsed


class TelephoneCall:
    """What is done, and what is known of it so far."""

    def __init__(self, http: ClientSession, target: Target, script: CallScript) -> None:
        self._http = http
        self._target = target
        self._script = script
        self._person = Person(script)
        self._identity = CallIdentity(script.from_number, script.to_number, target.account_sid)
        self._deeds = Deeds()
        self._side_deeds = SideDeeds(http, target, self._identity, self._deeds)
        self._callbacks = Callbacks(http, target, self._identity)
        self._around = AroundTheStream(
            call_sid=self.call_sid,
            stream_sid=f"MZ{token_hex(16)}",
            script=script.name,
            misbehaviour=script.misbehaviour,
        )
        self._conversation: Conversation | None = None
        self._ending: Ending | None = None

    @property
    def call_sid(self) -> str:
        return self._identity.call_sid

    async def live(self, rest: RestSide) -> Ending:
        """From the ring to the last callback."""
        conduct = self._script.conduct
        listening = Listening(echoes_marks=conduct.echoes_marks)
        telephone = Telephone(self._person, rest, conduct, self._deeds, self._side_deeds, listening)
        self._conversation = Conversation(telephone)
        began = time.monotonic()
        if conduct != TWILIO:
            self._deeds.begin(self._script.misbehaviour or "another conduct than Twilio's", 0.0)
        try:
            answered = await self._ring()
            await self._follow(answered, rest, self._conversation)
            ending = self._ending or self._without_a_stream(answered)
            self._deeds.all_answered("let the call end", self._conversation.now_ms())
        except CallFailed as error:
            ending = self.broken_off(str(error))
        await rest.complete()
        await self._side_deeds.finish()
        await self._callbacks.tell_end(time.monotonic() - began, conduct)
        self._note_troubles(*self._callbacks.troubles, rest.trouble)
        return ending

    def broken_off(self, sentence: str) -> Ending:
        now_ms = self._conversation.now_ms() if self._conversation else 0.0
        self._deeds.all_answered(sentence, now_ms)
        return Ending("error", now_ms, sentence)

    def record(self, output_dir: Path, ending: Ending) -> None:
        """Write what was said and heard, when a stream ever started."""
        if self._conversation is None or not self._conversation.streams:
            return
        path = output_dir / f"{self._script.name}-{self.call_sid}.wav"
        observed = self._conversation.observed(ending.at_ms)
        write_recording(path, observed.said, observed.played, ending.at_ms)
        self._around = replace(self._around, wav_path=str(path))

    def report(self, ending: Ending, total_ms: float) -> CallReport:
        observed = self._conversation.observed(ending.at_ms) if self._conversation else Observed()
        around = replace(self._around, total_ms=total_ms, deeds=self._deeds.seen())
        return review(self._script, around, observed, ending)

    async def _ring(self) -> Answered:
        """The webhook, and when it fails the number's Voice fallback, if it has one."""
        for _ in range(self._script.conduct.rings - 1):
            await place_call(self._http, self._target, self._identity)
        try:
            answered = await place_call(self._http, self._target, self._identity)
        except CallFailed as error:
            code = error.error_code if isinstance(error, WebhookFailed) else TWIML_IS_NONSENSE
            self._around = replace(self._around, fallback=f"{error} ({code})")
            if not self._target.voice_fallback_url:
                raise
            answered = await fall_back(self._http, self._target, self._identity, code)
        names = tuple(describe(verb) for verb in answered.verbs)
        self._around = replace(self._around, verbs=names, webhook_ms=answered.webhook_ms)
        return answered

    async def _follow(self, answered: Answered, rest: RestSide, conversation: Conversation) -> None:
        def connect(verb: StreamVerb) -> Awaitable[StreamOver]:
            return self._connect(verb, rest, conversation)

        colleague = self._script.colleague
        flow = CallFlow(self._http, self._target, self._identity, colleague, connect)
        try:
            await flow.follow(Document(answered.url, answered.verbs))
        finally:
            self._around = replace(self._around, followed=flow.seen)
        if flow.seen.transferred_to and await rest.is_over():
            self._note_troubles("The server hung up on a call that it had transferred.")

    async def _connect(
        self, verb: StreamVerb, rest: RestSide, conversation: Conversation
    ) -> StreamOver:
        """One stream of the call, the first or a later one, until it ends."""
        stream_sid = self._around.stream_sid
        if conversation.streams:
            stream_sid = f"MZ{token_hex(16)}"
            self._deeds.all_answered("took the call up again", conversation.now_ms())
            self._person.connected_anew(conversation.now_ms())
            await rest.watch_again()
        self._side_deeds.verb = verb
        async with await self._open(verb, stream_sid) as stream, asyncio.TaskGroup() as beside:
            beside.create_task(self._callbacks.tell_stream(verb, stream_sid, "stream-started"))
            writer = MessageWriter(self._who_starts(), stream_sid)
            async with self._parameters(verb) as parameters:
                ending = await conversation.run(stream, writer, parameters)
            if ending.by not in SOCKET_IS_GONE and not rest.new_twiml:
                await rest.complete()
        await self._callbacks.tell_stream(verb, stream_sid, "stream-stopped")
        self._ending = ending
        if ending.by in SOCKET_IS_GONE and not self._script.conduct.asks_after_a_loss:
            await rest.news_within(LEFT_WAITING_SECONDS)
            return StreamOver(call_is_over=not rest.new_twiml, twiml=rest.new_twiml)
        if ending.by in SOCKET_IS_GONE:
            # Twilio asks nothing more about a call that was ended over REST in the meantime.
            return StreamOver(call_is_over=await rest.is_over())
        twiml = rest.new_twiml if ending.by == "server-rest" else ""
        return StreamOver(call_is_over=not twiml, twiml=twiml)

    async def _open(self, verb: StreamVerb, stream_sid: str) -> MediaStream:
        began = time.monotonic()
        try:
            stream = await open_stream(self._target, verb.url)
        except HandshakeRefused as error:
            why = f"31920 ({error.status})"
            await self._callbacks.tell_stream(verb, stream_sid, "stream-error", why)
            raise
        if self._around.ws_open_ms is None:
            ws_open_ms = (time.monotonic() - began) * 1000
            self._around = replace(self._around, ws_open_ms=ws_open_ms)
        return stream

    def _who_starts(self) -> CallIdentity:
        if self._script.conduct.foreign_account:
            return replace(self._identity, account_sid=FOREIGN_ACCOUNT)
        return self._identity

    @asynccontextmanager
    async def _parameters(self, verb: StreamVerb) -> AsyncIterator[dict[str, str]]:
        token = self._script.conduct.token
        if token == "of another call":
            async with another_call(self._http, self._target, self._identity) as parameters:
                yield parameters
        else:
            yield forged(dict(verb.parameters), token)

    def _without_a_stream(self, answered: Answered) -> Ending:
        if self._person.is_turned_away:
            return Ending("twiml", 0.0)
        said = describe(answered.verbs[0]) if answered.verbs else "nothing"
        return self.broken_off(f"The server answered the call with {said} instead of a stream.")

    def _note_troubles(self, *sentences: str) -> None:
        troubles = self._around.troubles + tuple(sentence for sentence in sentences if sentence)
        self._around = replace(self._around, troubles=troubles)
