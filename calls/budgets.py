"""How fast is fast enough? The budgets that pages and charts hold calls against, in milliseconds.

docs/architecture.md and the benchmarks state the same ones. Percentiles are over many calls; `most`
is what a single call is held against.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Budget:
    """`most_ms` of one call, and what p50 and p99 of many must stay within, where that is set."""

    most_ms: float
    p50_ms: float | None = None
    p99_ms: float | None = None


HANDSHAKE_MS = 400.0  # of the slowest provider, from Europe; they connect side by side

WEBHOOK = Budget(50.0, p99_ms=50.0)
FIRST_AUDIO = Budget(50.0, p50_ms=5.0, p99_ms=50.0)
# 100 ms of our own, beside the handshake.
READY = Budget(100.0 + HANDSHAKE_MS, p99_ms=100.0 + HANDSHAKE_MS)
CONNECTED = Budget(HANDSHAKE_MS)
CUSTOMER_KNOWN = Budget(2_000.0)  # PREFETCH_TIMEOUT as it comes: later, it is given up
REPLY = Budget(600.0, p50_ms=600.0)  # from the caller's last word
