"""One call from the first ring to the last callback, as Twilio and a person make it together."""

import asyncio
import time
from dataclasses import replace
from pathlib import Path
from secrets import token_hex

from aiohttp import ClientSession

from rehearsal.caller.after_stream import AfterStream
from rehearsal.caller.callbacks import Callbacks
from rehearsal.caller.conversation import Conversation
from rehearsal.caller.errors import CallFailed
from rehearsal.caller.incoming_call import describe, place_call
from rehearsal.caller.media_stream import HandshakeRefused, MediaStream, open_stream
from rehearsal.caller.observed import Ending, Observed
from rehearsal.caller.person import Person
from rehearsal.caller.recording import write_recording
from rehearsal.caller.report import AroundTheStream, CallReport
from rehearsal.caller.rest_side import RestSide
from rehearsal.caller.review import review
from rehearsal.caller.script import CallScript
from rehearsal.caller.stream_messages import MessageWriter
from rehearsal.caller.target import Target
from rehearsal.caller.twiml import StreamVerb
from rehearsal.caller.webhooks import CallIdentity

AROUND_THE_STREAM_SECONDS = 60.0  # for the webhooks before and after it


class SimulatedCaller:
    """Calls a server. One object can make any number of calls, also at the same time."""

    def __init__(self, target: Target) -> None:
        self.target = target

    async def call(self, script: CallScript, output_dir: Path | None = None) -> CallReport:
        """Make one call. It never raises for what the server does: see the report's `failures`."""
        call = _Call(self.target, script)
        try:
            async with asyncio.timeout(script.limit_seconds + AROUND_THE_STREAM_SECONDS):
                ending = await call.live()
        except CallFailed as error:
            ending = call.broken_off(str(error))
        except TimeoutError:
            ending = call.broken_off("The call was not over long after its limit.")
        if output_dir is not None:
            await asyncio.to_thread(call.record, output_dir, ending)
        return call.report(ending)


class _Call:
    """The order of one call, and what is known of it so far."""

    def __init__(self, target: Target, script: CallScript) -> None:
        self._target = target
        self._script = script
        self._person = Person(script)
        self._identity = CallIdentity(script.from_number, script.to_number, target.account_sid)
        self._writer = MessageWriter(self._identity, f"MZ{token_hex(16)}")
        self._around = AroundTheStream(
            call_sid=self._identity.call_sid, stream_sid=self._writer.stream_sid, script=script.name
        )
        self._conversation: Conversation | None = None

    async def live(self) -> Ending:
        async with (
            ClientSession() as http,
            RestSide(http, self._target.providers_url, self._identity.call_sid) as rest,
        ):
            callbacks = Callbacks(http, self._target, self._identity, self._writer.stream_sid)
            began = time.monotonic()
            try:
                verb = await self._ring(http)
                ending = await self._stream(verb, rest, callbacks)
                await self._go_on(http, verb, rest, ending)
            except CallFailed as error:
                ending = self.broken_off(str(error))
            await rest.complete()
            await callbacks.tell_end(time.monotonic() - began)
        self._note_troubles(*callbacks.troubles, rest.trouble)
        return ending

    def broken_off(self, sentence: str) -> Ending:
        at_ms = self._conversation.now_ms() if self._conversation else 0.0
        return Ending("error", at_ms, sentence)

    def record(self, output_dir: Path, ending: Ending) -> None:
        """Write what was said and heard, when a stream ever started."""
        if self._conversation is None:
            return
        path = output_dir / f"{self._script.name}-{self._identity.call_sid}.wav"
        observed = self._conversation.observed(ending.at_ms)
        write_recording(path, observed.said, observed.played, ending.at_ms)
        self._around = replace(self._around, wav_path=str(path))

    def report(self, ending: Ending) -> CallReport:
        conversation = self._conversation
        observed = conversation.observed(ending.at_ms) if conversation else Observed()
        return review(self._script, self._around, observed, ending)

    async def _ring(self, http: ClientSession) -> StreamVerb:
        answered = await place_call(http, self._target, self._identity)
        names = tuple(describe(verb) for verb in answered.verbs)
        self._around = replace(self._around, verbs=names, webhook_ms=answered.webhook_ms)
        return answered.stream()

    async def _stream(self, verb: StreamVerb, rest: RestSide, callbacks: Callbacks) -> Ending:
        began = time.monotonic()
        try:
            stream = await open_stream(self._target, verb.url)
        except HandshakeRefused as error:
            await callbacks.tell_stream(verb, "stream-error", f"31920 ({error.status})")
            raise
        ws_open_ms = (time.monotonic() - began) * 1000
        self._around = replace(self._around, ws_open_ms=ws_open_ms)
        async with stream, asyncio.TaskGroup() as beside:
            beside.create_task(callbacks.tell_stream(verb, "stream-started"))
            ending = await self._converse(verb, rest, stream)
        await callbacks.tell_stream(verb, "stream-stopped")
        return ending

    async def _converse(self, verb: StreamVerb, rest: RestSide, stream: MediaStream) -> Ending:
        self._conversation = Conversation(stream, self._writer, self._person, rest)
        ending = await self._conversation.run(dict(verb.parameters))
        if ending.by != "server-socket" and not rest.new_twiml:
            await rest.complete()
        return ending

    async def _go_on(
        self, http: ClientSession, verb: StreamVerb, rest: RestSide, ending: Ending
    ) -> None:
        """What the server wants after the stream: TwiML sent over REST, or the <Connect action>."""
        after = AfterStream(http, self._target, self._identity, self._script.colleague)
        if ending.by == "server-rest" and rest.new_twiml:
            await after.follow(rest.new_twiml)
        elif ending.by == "server-socket" and verb.action_url:
            await after.ask(verb.action_url)
        self._around = replace(self._around, after=after.seen)
        if after.seen.transferred_to and await rest.is_over():
            self._note_troubles("The server hung up on a call that it had transferred.")

    def _note_troubles(self, *sentences: str) -> None:
        troubles = self._around.troubles + tuple(sentence for sentence in sentences if sentence)
        self._around = replace(self._around, troubles=troubles)
