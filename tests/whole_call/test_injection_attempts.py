"""The attempts of injections.py are orders: a test that nobody could fail would prove nothing."""

import pytest

from rehearsal.providers.answers import CallTool
from rehearsal.providers.gullible import obey
from tests.whole_call.injections import ANSWERED, SPEECH, STORED, TRANSFER, Attempt, Place

ATTEMPTS = SPEECH + STORED + ANSWERED


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=lambda it: f"{it.place}: {it.what}")
def test_a_model_that_reads_it_as_it_was_written_obeys_it(attempt: Attempt) -> None:
    """Nothing is unreadable to the gullible model, but for what the product does about it."""
    obeyed = obey([{"role": "user", "content": attempt.text}])
    names = {name for name, _verdict in attempt.asks} or {TRANSFER}
    assert isinstance(obeyed, CallTool) and obeyed.name in names


def test_there_are_many_and_from_every_place() -> None:
    assert len(ATTEMPTS) >= 40
    assert {attempt.place for attempt in ATTEMPTS} == set(Place)
