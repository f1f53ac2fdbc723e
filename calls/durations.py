"""How do people read a duration? Pure."""


def milliseconds(value: float | None) -> str:
    """3.4 ms, 812 ms, 2.1 s."""
    if value is None:
        return "–"
    if abs(value) < 10:
        return f"{value:.1f} ms"
    return f"{value:.0f} ms" if abs(value) < 2000 else f"{value / 1000:.1f} s"


def minutes(ms: float | None) -> str:
    """1:23, as on a telephone's bill."""
    if ms is None:
        return "–"
    whole, seconds = divmod(round(max(ms, 0.0) / 1000), 60)
    return f"{whole}:{seconds:02d}"


def moment(ms: float) -> str:
    """A place in a recording, mm:ss: one does not hear what comes before its second."""
    whole, seconds = divmod(int(max(ms, 0.0) // 1000), 60)
    return f"{whole:02d}:{seconds:02d}"
