"""The TwiML we answer with. Pure; built and escaped by the twilio library."""

from dataclasses import dataclass

from twilio.twiml.voice_response import Connect, Dial, VoiceResponse

from calls.say_voice import say_voice

RING_SECONDS = 25  # most voicemail answers later than this
KEY_SECONDS = 6


@dataclass(frozen=True, slots=True)
class StreamAnswer:
    """Where the stream goes. A <Stream url> carries no query string: Twilio strips it."""

    socket_url: str
    ended_url: str
    status_url: str
    token: str


def connect_stream(answer: StreamAnswer) -> str:
    """Connect the call to our socket. Twilio goes on to `ended_url` when the socket closes."""
    connect = Connect(action=answer.ended_url, method="POST")
    stream = connect.stream(
        url=answer.socket_url,
        status_callback=answer.status_url,
        status_callback_method="POST",
    )
    stream.parameter(name="token", value=answer.token)
    response = VoiceResponse()
    response.append(connect)
    return str(response)


@dataclass(frozen=True, slots=True)
class DialAnswer:
    """Whom to dial: E.164. Who picks up hears the TwiML of `whisper_url` first, if there is one."""

    number: str
    ended_url: str
    whisper_url: str | None = None


def dial(answer: DialAnswer) -> str:
    """Hand the call over. Twilio goes on to `ended_url` when the colleague has hung up, or never
    picked up. Nothing may stand behind the <Dial>: a trailing <Pause> has cut transferred calls.
    """
    response = VoiceResponse()
    response.append(_dialled(answer))
    return str(response)


def _dialled(answer: DialAnswer) -> Dial:
    dialled = Dial(
        action=answer.ended_url, method="POST", answer_on_bridge=True, timeout=RING_SECONDS
    )
    if answer.whisper_url is None:
        dialled.number(answer.number)
    else:
        dialled.number(answer.number, url=answer.whisper_url, method="POST")
    return dialled


def say(text: str, language: str, *, then_hang_up: bool = False) -> str:
    """Have Twilio say it. `language` is BCP-47; control characters are refused by XML."""
    voice = say_voice(language)
    response = VoiceResponse()
    response.say(text, voice=voice.voice, language=voice.language)
    if then_hang_up:
        response.hangup()
    return str(response)


def nothing() -> str:
    """Do nothing more on this leg: who has picked up is connected at once."""
    return str(VoiceResponse())


def hang_up() -> str:
    response = VoiceResponse()
    response.hangup()
    return str(response)


@dataclass(frozen=True, slots=True)
class BusyAnswer:
    """`clip_url` is played, or else `sentence` is said; then `person` is dialled, or `offer` made.

    `language` is BCP-47, of the three sentences.
    """

    clip_url: str | None
    sentence: str
    language: str
    person: DialAnswer | None
    call_back_url: str | None
    offer: str
    goodbye: str


def busy(answer: BusyAnswer) -> str:
    voice = say_voice(answer.language)
    spoken = {"voice": voice.voice, "language": voice.language}
    response = VoiceResponse()
    if answer.clip_url is not None:
        response.play(answer.clip_url)
    else:
        response.say(answer.sentence, **spoken)
    if answer.person is not None:
        response.append(_dialled(answer.person))
        return str(response)
    if answer.call_back_url is not None:
        gather = response.gather(
            num_digits=1, timeout=KEY_SECONDS, action=answer.call_back_url, method="POST"
        )
        gather.say(answer.offer, **spoken)
    response.say(answer.goodbye, **spoken)
    response.hangup()
    return str(response)


def play_and_dial(clip_url: str, person: DialAnswer | None) -> str:
    """Have Twilio play it, then dial, or hang up where there is nobody to dial."""
    response = VoiceResponse()
    response.play(clip_url)
    if person is None:
        response.hangup()
    else:
        response.append(_dialled(person))
    return str(response)


def not_in_service() -> str:
    response = VoiceResponse()
    response.reject(reason="rejected")
    return str(response)
