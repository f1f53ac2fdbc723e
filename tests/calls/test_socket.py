"""The caller's socket: nothing that is sent to a peer that has gone can do harm."""

import pytest

from calls.socket import Socket


class Peer:
    def __init__(self, problem: Exception | None = None) -> None:
        self.problem = problem
        self.texts: list[str] = []
        self.codes: list[int] = []
        self.socket = Socket(self._send_text, self._close)

    async def _send_text(self, text: str) -> None:
        if self.problem is not None:
            raise self.problem
        self.texts.append(text)

    async def _close(self, code: int) -> None:
        self.codes.append(code)
        if self.problem is not None:
            raise self.problem


async def test_it_sends_in_order_and_closes_once() -> None:
    peer = Peer()
    await peer.socket.send_text("one")
    await peer.socket.send_text("two")
    await peer.socket.close(1008)
    await peer.socket.close()
    assert (peer.texts, peer.codes) == (["one", "two"], [1008])
    assert peer.socket.closed.is_set()


async def test_it_sends_nothing_after_it_was_closed() -> None:
    peer = Peer()
    peer.socket.closed.set()
    await peer.socket.send_text("too late")
    await peer.socket.close()
    assert (peer.texts, peer.codes) == ([], [])


@pytest.mark.parametrize("problem", [RuntimeError("websocket.close already sent"), OSError()])
async def test_it_takes_a_failed_send_for_a_peer_that_has_gone(problem: Exception) -> None:
    peer = Peer(problem)
    await peer.socket.send_text("anybody there?")
    assert peer.socket.closed.is_set()


async def test_it_closes_calmly_when_the_peer_has_gone_already() -> None:
    peer = Peer(RuntimeError("websocket.close already sent"))
    await peer.socket.close()
    assert peer.socket.closed.is_set()


async def test_it_hides_no_fault_of_our_own() -> None:
    with pytest.raises(ZeroDivisionError):
        await Peer(ZeroDivisionError()).socket.send_text("x")
