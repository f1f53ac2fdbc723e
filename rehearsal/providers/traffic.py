"""How many sockets and requests of a provider are open, and how fast new ones come."""

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field

from rehearsal.providers.faults import Provider


@dataclass
class Line:
    """One provider's connections. A refused one has come, but was never open."""

    open: int = 0
    most_open: int = 0
    came: int = 0
    most_came_in_a_second: int = 0
    _newest: deque[float] = field(default_factory=deque)  # monotonic, of the last second

    def knock(self) -> None:
        now = time.monotonic()
        self.came += 1
        self._newest.append(now)
        while self._newest[0] <= now - 1.0:
            self._newest.popleft()
        self.most_came_in_a_second = max(self.most_came_in_a_second, len(self._newest))

    @contextmanager
    def held(self) -> Iterator[None]:
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            yield
        finally:
            self.open -= 1

    def count_anew(self) -> None:
        """What is open stays counted."""
        self.most_open, self.came, self.most_came_in_a_second = self.open, 0, 0
        self._newest.clear()


class Traffic:
    """All providers. Written by the event loop alone; may be read from other threads."""

    def __init__(self) -> None:
        self._lines = {provider: Line() for provider in Provider}

    def of(self, provider: Provider) -> Line:
        return self._lines[provider]

    @property
    def open(self) -> dict[str, int]:
        """Those with anything open, and how much."""
        return {provider: line.open for provider, line in self._lines.items() if line.open}

    def count_anew(self) -> None:
        for line in self._lines.values():
            line.count_anew()

    def document(self) -> dict[str, dict[str, int]]:
        found = {provider: asdict(line) for provider, line in self._lines.items()}
        return {
            provider: {name: value for name, value in line.items() if not name.startswith("_")}
            for provider, line in found.items()
        }
