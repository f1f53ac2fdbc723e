"""What Daphne's socket does with each frame, up to the queue of the application: no network."""

from benchmarks.instructions.counts import FRAMES, READING, Counting


def read_frames(counting: Counting) -> None:
    """As Twilio's arrive: masked, one at a time, and whole."""
    from calls.frame_allowance import FrameAllowance
    from rehearsal.caller import CallIdentity, MessageWriter
    from rehearsal.caller.frames import text_frame
    from rehearsal.caller.stream_messages import SILENCE_PAYLOAD
    from tests.servers.socket_in_memory import FakeServer, Transport, connected

    writer = MessageWriter(
        CallIdentity("+12025550100", "+12025550199", "AC" + "0" * 32), "MZ" + "0" * 32
    )
    socket = connected(FakeServer(), Transport())
    socket.serverAccept()
    socket._allowance = FrameAllowance(now=0.0)  # as of one that is open for long
    arriving = [text_frame(writer.media(SILENCE_PAYLOAD)) for _ in range(FRAMES)]
    with counting(READING):
        for data in arriving:
            socket.dataReceived(data)
    assert socket.application_queue.qsize() == FRAMES + 1, "the connection, and each of them"
