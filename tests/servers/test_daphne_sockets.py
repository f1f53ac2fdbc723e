"""What is overridden of Daphne's sockets, where a server's timing would decide."""

import random
from typing import Any

import pytest

from rehearsal.caller.frames import TEXT, frame
from tests.servers.socket_in_memory import FakeServer, Transport, connected
from tests.servers.test_frame_floods import PING


@pytest.fixture
def transport() -> Transport:
    return Transport()


@pytest.fixture
def server() -> FakeServer:
    return FakeServer()


@pytest.fixture
def socket(server: FakeServer, transport: Transport) -> Any:
    return connected(server, transport)


def test_what_comes_before_the_application_has_accepted_waits(
    socket: Any, server: FakeServer, transport: Transport
) -> None:
    """Daphne took it for another handshake, and answered 500."""
    assert transport.producerState == "producing"
    socket.dataReceived(frame(PING, b"early"))
    assert transport.producerState == "paused"
    assert server.asked == 1 and transport.value() == b""
    socket.serverAccept()
    assert transport.producerState == "producing"
    assert transport.value().startswith(b"HTTP/1.1 101")
    assert transport.value().endswith(b"\x8a\x05early")


def test_a_flood_that_has_come_already_is_not_parsed_to_its_end(
    socket: Any, transport: Transport
) -> None:
    socket.serverAccept()
    transport.clear()
    socket.dataReceived(frame(PING, b"") * 10_000)
    assert 0 < len(transport.value()) <= 2 * 10
    assert transport.disconnecting
    transport.clear()
    socket.dataReceived(frame(PING, b"") * 10_000)
    assert transport.value() == b""


MESSAGES = ("", "a", "ação " * 20, "x" * 125, "y" * 126, "z" * 20_000, "the last")


def read(socket: Any) -> list[Any]:
    """What the application is given, from the oldest on."""
    found = []
    while not socket.application_queue.empty():
        message = socket.application_queue.get_nowait()
        found.append(message.get("text", message.get("bytes")))
    return found[1:]  # Behind the connection itself.


@pytest.mark.parametrize("seed", range(20))
def test_messages_arrive_whole_wherever_the_network_cuts_them(socket: Any, seed: int) -> None:
    """The short way and Autobahn's own take turns, as what came is a whole frame or is not."""
    socket.serverAccept()
    chance = random.Random(seed)
    data = b"".join(
        frame(TEXT, text.encode()) + (frame(PING, b"") if chance.random() < 0.3 else b"")
        for text in MESSAGES
    )
    while data:
        end = chance.choice((1, 2, 7, 150, 400, 5_000, len(data)))
        socket.dataReceived(data[:end])
        data = data[end:]
    assert read(socket) == list(MESSAGES)


def test_a_whole_message_does_not_break_into_one_that_comes_in_pieces(
    socket: Any, transport: Transport
) -> None:
    socket.serverAccept()
    first = bytearray(frame(TEXT, b"a piece, "))
    first[0] &= 0x7F
    socket.dataReceived(bytes(first))
    socket.dataReceived(frame(TEXT, b"not the next one"))
    assert read(socket) == []
    assert transport.disconnecting, "as the standard asks"


def test_text_that_is_no_utf8_closes_the_socket(socket: Any, transport: Transport) -> None:
    socket.serverAccept()
    socket.dataReceived(frame(TEXT, b"fine") + frame(TEXT, b"\xc3\x28") + frame(TEXT, b"late"))
    assert read(socket) == ["fine"]
    assert transport.disconnecting


def test_what_is_sent_is_written_at_once(socket: Any, transport: Transport) -> None:
    """Not in the loop's next turn, behind whatever else is due: the greeting is waited for."""
    socket.serverAccept()
    socket.serverSend("hello")
    assert transport.writes == 1


def test_the_last_words_of_a_connection_are_left_to_twisted(
    socket: Any, transport: Transport
) -> None:
    """It closes the connection behind them, by what its own turn to write returns."""
    socket.serverAccept()
    transport.loseConnection()
    socket.serverSend("goodbye")
    assert transport.writes == 0
