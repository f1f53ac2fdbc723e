"""Where callers are looked up, whatever holds them."""

from functools import cache
from typing import Protocol

from customers.errors import DirectoryError
from customers.local import LocalDirectory
from customers.records import CustomerRecord

__all__ = ["CustomerDirectory", "DirectoryError", "get_directory"]


class CustomerDirectory(Protocol):
    async def find_by_phone(self, number: str) -> CustomerRecord | None:
        """The customer of this number, or None. Raises DirectoryError when it cannot tell."""
        ...


@cache
def get_directory() -> CustomerDirectory:
    """One for the process: it owns the threads of its look-ups."""
    return LocalDirectory()
