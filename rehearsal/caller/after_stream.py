"""What Twilio does with a call after its stream: it follows the TwiML to the end, and dials."""

import asyncio
from dataclasses import replace

from aiohttp import ClientSession

from rehearsal.caller.errors import CallFailed
from rehearsal.caller.incoming_call import describe
from rehearsal.caller.report import AfterTheStream
from rehearsal.caller.script import Colleague
from rehearsal.caller.target import Target
from rehearsal.caller.twiml import DialVerb, PlainVerb, Verb, read_twiml
from rehearsal.caller.webhooks import (
    CallIdentity,
    dial_ended_form,
    picked_up_form,
    post_signed,
)

MOST_DOCUMENTS = 5
FINAL = ("Hangup", "Reject")


class AfterStream:
    """One call from the end of its stream on. Whatever is wrong with it stands in `troubles`."""

    def __init__(
        self, http: ClientSession, target: Target, call: CallIdentity, colleague: Colleague
    ) -> None:
        self.seen = AfterTheStream()
        self._http = http
        self._target = target
        self._call = call
        self._colleague = colleague

    async def ask(self, url: str) -> None:
        """Follow what the <Connect action> answers."""
        try:
            document = await self._fetch(url, self._call.form("in-progress"))
        except CallFailed as error:
            self._note(str(error))
        else:
            await self.follow(document)

    async def follow(self, document: str) -> None:
        """Follow TwiML, and the TwiML that its verbs lead to."""
        for _ in range(MOST_DOCUMENTS):
            try:
                action_url = await self._obey(read_twiml(document))
                if action_url is None:
                    return
                document = await self._fetch(action_url, self._dial_ended())
            except CallFailed as error:
                self._note(str(error))
                return
        self._note(f"The TwiML after the stream led to more than {MOST_DOCUMENTS} documents.")

    async def _obey(self, verbs: tuple[Verb, ...]) -> str | None:
        """Do as told; the address to ask next, when there is one."""
        self._look_at_the_end(verbs)
        for index, verb in enumerate(verbs):
            self.seen = replace(self.seen, verbs=(*self.seen.verbs, describe(verb)))
            if isinstance(verb, DialVerb):
                await self._dial(verb)
                if verb.action_url:
                    if verbs[index + 1 :]:
                        self._note("TwiML stands behind a <Dial action>, where it is never read.")
                    return verb.action_url
            elif isinstance(verb, PlainVerb):
                if verb.name == "Say":
                    self.seen = replace(self.seen, told=(*self.seen.told, verb.detail))
                if verb.name in FINAL:
                    return None
            else:
                self._note("The call was connected to a stream once more, which is not followed.")
                return None
        return None

    async def _dial(self, verb: DialVerb) -> None:
        colleague = self._colleague
        if self.seen.transferred_to is not None:
            self._note("The call was transferred twice.")
        self.seen = replace(self.seen, transferred_to=verb.number, dial_status=colleague.status)
        if colleague.status != "completed":
            return
        if verb.whisper_url:
            await self._listen(verb.whisper_url, verb.number)
        if colleague.bridges:
            await asyncio.sleep(colleague.talks_seconds)

    async def _listen(self, url: str, number: str) -> None:
        """As the colleague who has picked up."""
        verbs = read_twiml(await self._fetch(url, picked_up_form(self._call, number)))
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

    async def _fetch(self, url: str, form: dict[str, str]) -> str:
        answer = await post_signed(self._http, self._target, url, form)
        return answer.twiml()

    def _look_at_the_end(self, verbs: tuple[Verb, ...]) -> None:
        if verbs and isinstance(verbs[-1], PlainVerb) and verbs[-1].name == "Pause":
            self._note("The TwiML ends with a <Pause>, which has cut transferred calls off.")

    def _note(self, trouble: str) -> None:
        self.seen = replace(self.seen, troubles=(*self.seen.troubles, trouble))
