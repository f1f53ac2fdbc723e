"""A client of Supabase for each event loop: its connections belong to the loop that opened them."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from supabase import AsyncClient


@dataclass(frozen=True, slots=True)
class _Held:
    client: "AsyncClient"
    closing: AsyncIterator[None]  # held, so that the loop finds it when it ends


class Clients:
    def __init__(self, url: str, key: str) -> None:
        self._url, self._key = url, key
        self._by_loop: dict[asyncio.AbstractEventLoop, _Held] = {}
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
            if loop not in self._by_loop:  # Another task may have been quicker.
                self._by_loop[loop] = _Held(made, closing := _closed_with_the_loop(made))
                await anext(closing)
            for ended in [one for one in list(self._by_loop) if one.is_closed()]:
                self._by_loop.pop(ended, None)
        return self._by_loop[loop].client


async def _closed_with_the_loop(client: "AsyncClient") -> AsyncIterator[None]:
    """A loop that ends closes the generators that were begun in it. Nobody else could close these
    connections: once the loop is gone, their sockets stay open until a collection of garbage.
    """
    try:
        yield
    finally:
        await client.postgrest.aclose()


def _new(url: str, key: str) -> "AsyncClient":
    # Imported here, off the event loop: without a warm-up, the first caller's look-up comes first.
    from customers.supabase_requests import new_client

    return new_client(url, key)
