"""What the caller's telephone has played, by the clock."""

import base64

from calls.played import Played

SILENCE = b"\xff"


def payload(audio: bytes) -> str:
    return base64.b64encode(audio).decode()


def sent(played: Played, at: float, audio: bytes) -> None:
    played.sent(at, payload(audio), len(audio), at)


def test_it_knows_what_was_played_when() -> None:
    played = Played(2.0)
    sent(played, 10.0, bytes(range(80)))  # 10 ms
    assert played.between(10.0, 80) == bytes(range(80))
    assert played.between(10.005, 40) == bytes(range(40, 80))
    assert played.between(9.995, 80) == SILENCE * 40 + bytes(range(40))
    assert played.between(10.009, 80) == bytes(range(72, 80)) + SILENCE * 72
    assert played.between(11.0, 80) == SILENCE * 80


def test_pieces_follow_one_another() -> None:
    played = Played(2.0)
    sent(played, 10.0, b"\x01" * 80)
    sent(played, 10.01, b"\x02" * 80)
    assert played.between(10.005, 80) == b"\x01" * 40 + b"\x02" * 40


def test_what_was_thrown_away_was_not_played() -> None:
    played = Played(2.0)
    sent(played, 10.0, b"\x01" * 80)
    played.sent(10.01, payload(b"\x02" * 80), 80, 10.0)
    played.cut(10.005)
    assert played.between(10.0, 160) == b"\x01" * 40 + SILENCE * 120


def test_it_forgets_what_is_long_over() -> None:
    played = Played(2.0)
    for second in range(600):
        sent(played, float(second), b"\x01" * 8_000)
    assert played.between(10.0, 80) == SILENCE * 80
    assert played.between(598.0, 80) == b"\x01" * 80
