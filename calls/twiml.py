"""The TwiML we answer with. Pure; built and escaped by the twilio library."""

from dataclasses import dataclass

from twilio.twiml.voice_response import Connect, VoiceResponse


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


def hang_up() -> str:
    response = VoiceResponse()
    response.hangup()
    return str(response)


def busy() -> str:
    """The caller hears the busy tone; the call is not billed."""
    response = VoiceResponse()
    response.reject(reason="busy")
    return str(response)


def not_in_service() -> str:
    response = VoiceResponse()
    response.reject(reason="rejected")
    return str(response)
