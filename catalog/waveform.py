"""What a clip looks like: its peaks over time, and their outline as an SVG path."""

import numpy as np

from catalog import mulaw


def peaks(mulaw_audio: bytes, buckets: int) -> tuple[float, ...]:
    """The highest swing in each of `buckets` equal parts, 0 to 1 of full scale.

    A clip of fewer samples than buckets gives one bucket a sample; no audio gives none.
    """
    buckets = min(buckets, len(mulaw_audio))
    if buckets <= 0:
        return ()
    swings = np.abs(np.frombuffer(mulaw.decode(mulaw_audio), dtype="<i2").astype(np.int32))
    starts = np.arange(buckets) * len(swings) // buckets
    return tuple((np.maximum.reduceat(swings, starts) / 32_768).tolist())


def svg_path(peaks: tuple[float, ...], width: float, height: float) -> str:
    """The `d` of a closed outline mirrored at the middle; empty for no peaks."""
    if not peaks:
        return ""
    step, middle = width / len(peaks), height / 2
    across = [(at + 0.5) * step for at in range(len(peaks))]
    # Of silence a hair's breadth stays: a line shows that there is a clip.
    reach = [max(0.5, min(1.0, peak) * middle) for peak in peaks]
    above = [f"{x:.1f},{middle - up:.1f}" for x, up in zip(across, reach, strict=True)]
    below = [f"{x:.1f},{middle + up:.1f}" for x, up in zip(across, reach, strict=True)]
    return f"M0,{middle:.1f}L" + "L".join([*above, f"{width:.1f},{middle:.1f}", *below[::-1]]) + "Z"
