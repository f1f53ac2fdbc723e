"""A voice that the vendor does not speak is no reason to silence another one."""

import dataclasses
from collections.abc import Iterator

import pytest

from calls.circuit import FAILURES, circuits
from calls.pipeline.tts import tts_routes
from tests.calls.samples import AGENT


@pytest.fixture(autouse=True)
def _as_in_a_process_that_has_just_begun() -> Iterator[None]:
    circuits.forget()
    yield
    circuits.forget()


def test_the_calls_of_one_voice_find_out_for_each_other_and_not_for_another_voice() -> None:
    broken = dataclasses.replace(AGENT, voice_id="gone")
    for _ in range(FAILURES):
        tts_routes(broken)[0].circuit.failed()
    assert not tts_routes(broken)[0].circuit.allows()
    assert tts_routes(AGENT)[0].circuit.allows()
