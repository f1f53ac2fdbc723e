"""Reads what is PUT to /rehearsal/faults. Pure."""

from collections.abc import Mapping

from rehearsal.providers.errors import ProvidersError
from rehearsal.providers.faults import (
    PIECES_BEFORE_A_DROP,
    SLOW_MS,
    Fault,
    Faults,
    Provider,
    Trouble,
)

MOST_MS = 120_000.0
MOST_COUNT = 1_000_000
KEYS = ("fault", "times", "model", "voice", "ms", "after", "most")


def parse_faults(document: object) -> Faults:
    """Who is not named is well; so is who is named with null.

    A fault is its name, or an object such as {"fault": "slow", "ms": 800, "times": 1}; "most" may
    stand there alone. Raises ProvidersError.
    """
    if not isinstance(document, Mapping):
        raise ProvidersError("Faults are a JSON object such as {'stt': 'refuse'}.")
    troubles: dict[Provider, Trouble] = {}
    most: dict[Provider, int] = {}
    for name, wish in document.items():
        if wish is None:
            continue
        provider = _provider(str(name))
        wanted = wish if isinstance(wish, Mapping) else {"fault": wish}
        unknown = sorted(set(map(str, wanted)) - set(KEYS))
        if unknown:
            raise ProvidersError(f"A fault has no {unknown[0]!r}. It has: {', '.join(KEYS)}.")
        if "most" in wanted:
            most[provider] = _count(wanted, "most", 0)
        if "fault" in wanted or "most" not in wanted:
            troubles[provider] = _trouble(wanted)
    return Faults(troubles, most)


def _provider(name: str) -> Provider:
    try:
        return Provider(name)
    except ValueError:
        there_are = ", ".join(Provider)
        raise ProvidersError(f"There is no provider {name!r}. There are: {there_are}.") from None


def _trouble(wanted: Mapping[str, object]) -> Trouble:
    try:
        fault = Fault(str(wanted.get("fault")))
    except ValueError as error:
        raise ProvidersError(f"{error}. Faults: {', '.join(Fault)}.") from None
    return Trouble(
        fault,
        times=None if wanted.get("times") is None else _count(wanted, "times", 0),
        model=str(wanted.get("model") or ""),
        voice=str(wanted.get("voice") or ""),
        ms=_number(wanted, "ms", SLOW_MS, MOST_MS),
        after=_count(wanted, "after", PIECES_BEFORE_A_DROP),
    )


def _count(wanted: Mapping[str, object], key: str, default: int) -> int:
    return int(_number(wanted, key, default, MOST_COUNT))


def _number(wanted: Mapping[str, object], key: str, default: float, most: float) -> float:
    value = wanted.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        raise ProvidersError(f"{key} is a number from 0 to {most:g}.")
    return float(value)
