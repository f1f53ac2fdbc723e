"""What Twilio does with a call: it follows TwiML verb by verb, and the TwiML that verbs lead to."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from urllib.parse import urljoin

from aiohttp import ClientSession

from rehearsal.caller.errors import CallFailed
from rehearsal.caller.incoming_call import describe
from rehearsal.caller.report import Followed
from rehearsal.caller.script import Colleague
from rehearsal.caller.target import Target
from rehearsal.caller.twiml import DialVerb, PlainVerb, StreamVerb, UnknownVerb, Verb, read_twiml
from rehearsal.caller.webhooks import (
    CallIdentity,
    dial_ended_form,
    fetch_signed,
    picked_up_form,
    post_signed,
)

MOST_DOCUMENTS = 5  # without a stream between them
MOST_STREAMS = 50
FINAL = ("Hangup", "Reject")


@dataclass(frozen=True, slots=True)
class Document:
    """TwiML, and where it came from: addresses in it may be relative to that."""

    url: str
    verbs: tuple[Verb, ...]


@dataclass(frozen=True, slots=True)
class StreamOver:
    """How a stream ended: the call with it, or not; `twiml` came over REST in its place."""

    call_is_over: bool
    twiml: str = ""


@dataclass(frozen=True, slots=True)
class _Turn:
    """The verbs that follow are not read: the call goes to other TwiML, or is over."""

    to: Document | None


class CallFlow:
    """One call from its answer to its end. Whatever is wrong with it stands in `seen.troubles`."""

    def __init__(
        self,
        http: ClientSession,
        target: Target,
        call: CallIdentity,
        colleague: Colleague,
        connect: Callable[[StreamVerb], Awaitable[StreamOver]],
    ) -> None:
        self.seen = Followed()
        self._http = http
        self._target = target
        self._call = call
        self._colleague = colleague
        self._connect = connect
        self._documents_left = MOST_DOCUMENTS
        self._streams_left = MOST_STREAMS

    async def follow(self, answer: Document) -> None:
        """To the end. Raises CallFailed when a stream cannot be opened."""
        document: Document | None = answer
        while document is not None:
            self._documents_left -= 1
            document = await self._obey(document)
            if document is not None and not self._documents_left:
                self._note(f"The TwiML led to more than {MOST_DOCUMENTS} documents.")
                return

    async def _obey(self, document: Document) -> Document | None:
        """Do as told; the TwiML to follow next, when there is any."""
        self._look_at_the_end(document.verbs)
        for index, verb in enumerate(document.verbs):
            self.seen = replace(self.seen, verbs=(*self.seen.verbs, describe(verb)))
            if isinstance(verb, StreamVerb):
                turn = await self._stream(document, verb)
            elif isinstance(verb, DialVerb):
                turn = await self._dial(document, verb, is_last=index + 1 == len(document.verbs))
            elif isinstance(verb, UnknownVerb):
                turn = self._pass_over(verb)
            else:
                turn = await self._do(document, verb)
            if turn is not None:
                return turn.to
        return None

    async def _stream(self, document: Document, verb: StreamVerb) -> _Turn | None:
        if not self._streams_left:
            self._note(f"The call was connected to more than {MOST_STREAMS} streams.")
            return _Turn(None)
        over = await self._connect(verb)
        self._streams_left -= 1
        self._documents_left = MOST_DOCUMENTS
        if over.call_is_over:
            return _Turn(None)
        if over.twiml:
            return _Turn(self._read(document.url, over.twiml))
        return _Turn(await self._ask(document, verb.action_url)) if verb.action_url else None

    def _pass_over(self, verb: UnknownVerb) -> _Turn | None:
        violation = f"<{verb.name}>, which no simulated caller knows (12200)"
        self.seen = replace(self.seen, violations=(*self.seen.violations, violation))
        return None

    async def _do(self, document: Document, verb: PlainVerb) -> _Turn | None:
        if verb.name in FINAL:
            return _Turn(None)
        if verb.name == "Redirect":
            return _Turn(await self._ask(document, verb.detail))
        await self._hear(document, verb)
        return None

    async def _hear(self, document: Document, verb: PlainVerb) -> None:
        if verb.name == "Say":
            self.seen = replace(self.seen, told=(*self.seen.told, verb.detail))
        elif verb.name == "Play":
            url = urljoin(document.url, verb.detail)
            self.seen = replace(self.seen, clips=(*self.seen.clips, url))
            try:
                await fetch_signed(self._http, self._target, url)
            except CallFailed as error:
                self._note(f"A clip cannot be played: {error}")

    async def _dial(self, document: Document, verb: DialVerb, *, is_last: bool) -> _Turn | None:
        await self._call_colleague(document, verb)
        if not verb.action_url:
            return None
        if not is_last:
            self._note("TwiML stands behind a <Dial action>, where it is never read.")
        return _Turn(await self._ask(document, verb.action_url, self._dial_ended()))

    async def _call_colleague(self, document: Document, verb: DialVerb) -> None:
        colleague = self._colleague
        if self.seen.transferred_to is not None:
            self._note("The call was transferred twice.")
        self.seen = replace(self.seen, transferred_to=verb.number, dial_status=colleague.status)
        if colleague.status != "completed":
            return
        if verb.whisper_url:
            await self._listen(urljoin(document.url, verb.whisper_url), verb.number)
        if colleague.bridges:
            await asyncio.sleep(colleague.talks_seconds)

    async def _listen(self, url: str, number: str) -> None:
        """As the colleague who has picked up."""
        form = picked_up_form(self._call, number)
        try:
            answer = await post_signed(self._http, self._target, url, form)
            verbs = read_twiml(answer.twiml())
        except CallFailed as error:
            self._note(str(error))
            return
        said = []
        for verb in verbs:
            if not isinstance(verb, PlainVerb) or verb.name != "Say":
                self._note(f"Who picks up is told to {describe(verb)} instead of a whisper.")
            else:
                said.append(verb.detail)
        self.seen = replace(self.seen, whispered=" ".join(said) or None)

    def _dial_ended(self) -> dict[str, str]:
        status = self._colleague.status
        bridged = status == "completed" and self._colleague.bridges
        return dial_ended_form(self._call, status, bridged=bridged)

    async def _ask(
        self, document: Document, url: str, form: dict[str, str] | None = None
    ) -> Document | None:
        """The TwiML at an address; None when there is none to be had."""
        whole = urljoin(document.url, url)
        try:
            answer = await post_signed(
                self._http, self._target, whole, form or self._call.form("in-progress")
            )
            return self._read(whole, answer.twiml())
        except CallFailed as error:
            self._note(str(error))
            return None

    def _read(self, url: str, text: str) -> Document | None:
        try:
            return Document(url, read_twiml(text))
        except CallFailed as error:
            self._note(str(error))
            return None

    def _look_at_the_end(self, verbs: tuple[Verb, ...]) -> None:
        if verbs and isinstance(verbs[-1], PlainVerb) and verbs[-1].name == "Pause":
            self._note("The TwiML ends with a <Pause>, which has cut transferred calls off.")

    def _note(self, trouble: str) -> None:
        self.seen = replace(self.seen, troubles=(*self.seen.troubles, trouble))
