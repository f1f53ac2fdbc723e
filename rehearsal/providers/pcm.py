"""Mono 16-bit samples with their rate. Pure."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import soxr  # type: ignore[import-untyped]

Samples = npt.NDArray[np.int16]


@dataclass(frozen=True, slots=True, eq=False)
class Pcm:
    samples: Samples
    rate: int

    @classmethod
    def from_bytes(cls, data: bytes, rate: int) -> "Pcm":
        """Little-endian; half a sample at the end is dropped."""
        return cls(np.frombuffer(data[: len(data) // 2 * 2], dtype="<i2").astype(np.int16), rate)

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.rate

    def to_bytes(self) -> bytes:
        return self.samples.astype("<i2").tobytes()

    def at_rate(self, rate: int) -> "Pcm":
        if rate == self.rate or len(self.samples) == 0:
            return Pcm(self.samples, rate)
        return Pcm(soxr.resample(self.samples, self.rate, rate), rate)

    def to_float(self) -> npt.NDArray[np.float32]:
        return self.samples.astype(np.float32) / 32_768.0


def from_float(samples: npt.NDArray[np.float32], rate: int) -> Pcm:
    return Pcm((np.clip(samples, -1.0, 1.0) * 32_767.0).astype(np.int16), rate)
