"""The sentences that simulated callers can say: recorded speech, and the text of each."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

FOLDER = Path(__file__).resolve().parent
BYTES_PER_MS = 8  # 8 kHz mu-law, one byte a sample


class UnknownLine(Exception):
    """No recording of that name ships with the project."""


@dataclass(frozen=True, slots=True)
class Line:
    """Something a caller says. `audio` is raw 8 kHz mu-law without any file header."""

    name: str
    text: str
    audio: bytes

    @property
    def duration_ms(self) -> float:
        return len(self.audio) / BYTES_PER_MS


@cache
def lines() -> MappingProxyType[str, Line]:
    """Every line that ships with the project, by name."""
    texts: dict[str, str] = json.loads((FOLDER / "lines.json").read_text(encoding="utf-8"))
    return MappingProxyType(
        {
            name: Line(name, text, (FOLDER / f"{name}.ulaw").read_bytes())
            for name, text in texts.items()
        }
    )


def line(name: str) -> Line:
    found = lines().get(name)
    if found is None:
        raise UnknownLine(f"There is no line {name!r}. There are: {', '.join(sorted(lines()))}.")
    return found
