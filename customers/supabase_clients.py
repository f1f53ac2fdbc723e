"""A client of Supabase for each event loop: its connections belong to the loop that opened them."""

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from supabase import AsyncClient


class Clients:
    def __init__(self, url: str, key: str) -> None:
        self._url, self._key = url, key
        self._by_loop: dict[asyncio.AbstractEventLoop, AsyncClient] = {}
        self._spare: AsyncClient | None = None

    def prepare(self) -> None:
        """At warm-up: the import takes 2 s, the first client 300 ms, each further one 40 ms."""
        self._spare = _new(self._url, self._key)

    async def here(self) -> "AsyncClient":
        """This loop's. Raises DirectoryError where the settings allow none."""
        loop = asyncio.get_running_loop()
        if loop not in self._by_loop:
            made, self._spare = self._spare, None
            if made is None:
                made = await asyncio.to_thread(_new, self._url, self._key)
            # Without an owner, the sockets of a loop that has ended are closed with their objects.
            for ended in [one for one in list(self._by_loop) if one.is_closed()]:
                self._by_loop.pop(ended, None)
            self._by_loop.setdefault(loop, made)
        return self._by_loop[loop]


def _new(url: str, key: str) -> "AsyncClient":
    # Imported here, off the event loop: without a warm-up, the first caller's look-up comes first.
    from customers.supabase_requests import new_client

    return new_client(url, key)
