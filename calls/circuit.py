"""Circuit breakers: what one call has found dead, the next ones need not wait to learn. Pure.

One for each provider, and each voice of the one that speaks, in this process. Closed: everybody
may try. After FAILURES in a row it opens, and nobody may, until its rest is over; then one call at
a time tries for all. A rest that follows a failed try is twice as long as the one before, with
jitter, so that processes do not try together.
"""

import random
import time
from collections.abc import Callable

FAILURES = 3
FIRST_REST_SECONDS = 5.0
LONGEST_REST_SECONDS = 60.0
# Who tries for all and never says how it went (its caller says nothing) is not waited for longer.
TRY_SECONDS = 10.0


class Circuit:
    """Of one provider. Used from the loop that carries the calls."""

    def __init__(
        self,
        name: str,
        now: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.name = name
        self._now = now
        self._jitter = jitter
        self._failures = 0
        self._rests = 0
        self._closed_until = 0.0  # nobody tries before; 0 while the circuit is closed
        self._tried_at: float | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is known to be dead, also while somebody tries for all."""
        return self._closed_until > 0.0

    def allows(self) -> bool:
        """Whether to try it now. Whoever is told so says how it went."""
        if not self.is_open:
            return True
        now = self._now()
        if now < self._closed_until:
            return False
        if self._tried_at is not None and now - self._tried_at < TRY_SECONDS:
            return False
        self._tried_at = now
        return True

    def succeeded(self) -> None:
        self._failures = self._rests = 0
        self._closed_until, self._tried_at = 0.0, None

    def failed(self) -> None:
        self._failures += 1
        was_the_try = self._tried_at is not None
        self._tried_at = None
        if was_the_try or (not self.is_open and self._failures >= FAILURES):
            self._open()

    def undecided(self) -> None:
        """Whoever tried for all is gone, before anything was known: the next may try.

        Two providers that were dead together heal only if somebody may try both: a call that tried
        one and had to leave for the other kept the next call from trying the first.
        """
        self._tried_at = None

    def _open(self) -> None:
        rest = min(FIRST_REST_SECONDS * 2**self._rests, LONGEST_REST_SECONDS)
        self._rests += 1
        self._closed_until = self._now() + rest * (0.8 + 0.4 * self._jitter())


class Circuits:
    """By name, made when first asked for. Names are those of providers and agents' voices: few."""

    def __init__(self) -> None:
        self._circuits: dict[str, Circuit] = {}

    def of(self, name: str) -> Circuit:
        return self._circuits.setdefault(name, Circuit(name))

    def forget(self) -> None:
        """For tests: as in a process that has just begun."""
        self._circuits.clear()


circuits = Circuits()
