"""What the product is compared with the usual set-up, each figure divided by the other's. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

from benchmarks.load.figures import Level
from benchmarks.load.knee import knee

Levels = Mapping[int, Level]
COMPARED_AT = 10
# With more calls the usual set-up has no CPU left to spend, and would look cheap for it.
SHARES_COMPARED_AT = (5, COMPARED_AT)


@dataclass(frozen=True, slots=True)
class Compared:
    """One figure of both sides. None: not measured, or it never came."""

    what: str
    peer: float | None
    ours: float | None

    @property
    def ratio(self) -> float | None:
        if self.peer is None or self.ours is None or self.peer <= 0.0:
            return None
        return self.ours / self.peer


@dataclass(frozen=True, slots=True)
class Comparison:
    first_audio_10: Compared
    cpu_silent: Compared
    cpu_talking: Compared
    memory_per_call: Compared
    knee: Compared

    def ratios(self) -> dict[str, float | None]:
        """For JSON."""
        both = asdict(self)
        return {name: getattr(self, name).ratio for name in both}


def compare(peer: Levels, ours: Levels, *, with_knee: bool = True) -> Comparison:
    """`with_knee`: the levels between the last that held and the first that broke were tried."""

    def at(name: str, which: Callable[[Level], float | None], *calls: int) -> Compared:
        for count in calls:
            if count in peer and count in ours:
                theirs, own = which(peer[count]), which(ours[count])
                if theirs is not None and own is not None:
                    return Compared(f"{name}, {count} calls", theirs, own)
        return Compared(name, None, None)

    return Comparison(
        at("first audio (ms, p50)", lambda it: it.first_audio_p50_ms, COMPARED_AT),
        at("CPU of a silent call (% of a core)", _percent_silent, *SHARES_COMPARED_AT),
        at("CPU of a talking call (% of a core)", _percent_talking, *SHARES_COMPARED_AT),
        at("memory of a call (MB)", lambda it: it.memory_per_call_mb, COMPARED_AT),
        # Who held nobody is counted as holding one: the ratio is then at least this.
        Compared("knee (calls)", max(1.0, knee(peer)), float(knee(ours)))
        if with_knee
        else Compared("knee (looked for by the full run)", None, None),
    )


def _percent_silent(level: Level) -> float | None:
    return None if level.cpu_silent is None else 100.0 * level.cpu_silent


def _percent_talking(level: Level) -> float | None:
    return 100.0 * level.cpu_talking


def document(peer: Levels, ours: Levels) -> dict[str, object]:
    """results.json."""
    return {
        "peer": {str(calls): asdict(peer[calls]) for calls in sorted(peer)},
        "ours": {str(calls): asdict(ours[calls]) for calls in sorted(ours)},
        "ratios": compare(peer, ours).ratios(),
    }
