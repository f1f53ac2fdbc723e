"""What reached the wire: the newest requests and messages, without any key."""

import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Literal

from rehearsal.providers.faults import Provider

MAX_ENTRIES = 10_000
KEYS_IN_QUERIES = frozenset({"access_token", "api_key", "apikey"})
SHOWN_HEADERS = ("accept", "cartesia-version", "content-type", "prefer", "user-agent")

Kind = Literal["connect", "request", "message"]


@dataclass(frozen=True, slots=True)
class WireEntry:
    """`connect` opens a socket; a `message` came over one; a `request` is plain HTTP."""

    provider: Provider
    kind: Kind
    at: float  # monotonic seconds of this process
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: object  # parsed JSON, or a form as a mapping; None where there was neither

    def document(self) -> dict[str, object]:
        return asdict(self)


class WireLog:
    """Bounded. Tests read it from threads of their own."""

    def __init__(self) -> None:
        self._entries: deque[WireEntry] = deque(maxlen=MAX_ENTRIES)
        self._lock = threading.Lock()

    def add(
        self,
        provider: Provider,
        kind: Kind,
        *,
        method: str,
        path: str,
        query: Mapping[str, str],
        headers: Mapping[str, str],
        body: object,
    ) -> None:
        shown = {name: headers[name] for name in SHOWN_HEADERS if name in headers}
        told = {name: value for name, value in query.items() if name not in KEYS_IN_QUERIES}
        entry = WireEntry(provider, kind, time.monotonic(), method, path, told, shown, body)
        with self._lock:
            self._entries.append(entry)

    def entries(self, provider: str | None = None, kind: str | None = None) -> list[WireEntry]:
        """In order of arrival; of one provider or kind, if named."""
        with self._lock:
            entries = list(self._entries)
        return [
            entry
            for entry in entries
            if provider in (None, entry.provider) and kind in (None, entry.kind)
        ]

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()
