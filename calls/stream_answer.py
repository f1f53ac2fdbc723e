"""The TwiML that connects a call to our socket, with a token of its own in it."""

from calls import twiml
from calls.auth import public_url, socket_url
from calls.tickets import CallTicket, tickets


def connect(ticket: CallTicket) -> str:
    token = tickets.mint(ticket)
    tickets.share(token, ticket)
    return twiml.connect_stream(
        twiml.StreamAnswer(
            socket_url=socket_url(),
            ended_url=public_url("/stream-ended"),
            status_url=public_url("/stream-status"),
            token=token,
        )
    )
