"""What one call has found dead, the next ones need not wait to learn."""

import pytest

from calls.circuit import FAILURES, FIRST_REST_SECONDS, LONGEST_REST_SECONDS, TRY_SECONDS, Circuit
from tests.calls.fake_clock import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def circuit(clock: FakeClock) -> Circuit:
    return Circuit("llm", clock, jitter=lambda: 0.5)


def fail(circuit: Circuit, times: int = FAILURES) -> None:
    for _ in range(times):
        assert circuit.allows()
        circuit.failed()


def test_a_few_failures_are_no_outage(circuit: Circuit) -> None:
    fail(circuit, FAILURES - 1)
    assert circuit.allows() and not circuit.is_open


def test_a_success_in_between_forgives(circuit: Circuit) -> None:
    fail(circuit, FAILURES - 1)
    circuit.succeeded()
    fail(circuit, FAILURES - 1)
    assert circuit.allows()


def test_nobody_tries_while_it_rests_and_then_one_call_tries_for_all(
    circuit: Circuit, clock: FakeClock
) -> None:
    fail(circuit)
    assert not circuit.allows()
    clock.advance(FIRST_REST_SECONDS + 0.1)
    assert [circuit.allows() for _ in range(10)] == [True] + [False] * 9


def test_the_try_that_succeeds_lets_everybody_in_again(circuit: Circuit, clock: FakeClock) -> None:
    fail(circuit)
    clock.advance(FIRST_REST_SECONDS + 0.1)
    assert circuit.allows()
    circuit.succeeded()
    assert [circuit.allows() for _ in range(3)] == [True] * 3


def test_each_failed_try_doubles_the_rest_up_to_a_minute(
    circuit: Circuit, clock: FakeClock
) -> None:
    fail(circuit)
    rests = []
    for _ in range(8):
        waited = 0.0
        while not circuit.allows():
            clock.advance(0.5)
            waited += 0.5
        rests.append(waited)
        circuit.failed()
    assert rests[:4] == [5.0, 10.0, 20.0, 40.0]
    assert set(rests[4:]) == {LONGEST_REST_SECONDS}


def test_a_try_whose_caller_hung_up_is_not_waited_for_for_ever(
    circuit: Circuit, clock: FakeClock
) -> None:
    fail(circuit)
    clock.advance(FIRST_REST_SECONDS + 0.1)
    assert circuit.allows() and not circuit.allows()
    clock.advance(TRY_SECONDS + 0.1)
    assert circuit.allows()


def test_a_try_that_ended_undecided_makes_room_for_the_next(
    circuit: Circuit, clock: FakeClock
) -> None:
    fail(circuit)
    clock.advance(FIRST_REST_SECONDS + 0.1)
    assert circuit.allows() and not circuit.allows()
    circuit.undecided()
    assert circuit.is_open and circuit.allows()


def test_processes_do_not_try_together(clock: FakeClock) -> None:
    early, late = (Circuit("llm", clock, jitter=lambda at=at: at) for at in (0.0, 1.0))
    fail(early), fail(late)
    clock.advance(FIRST_REST_SECONDS * 0.9)
    assert early.allows() and not late.allows()
