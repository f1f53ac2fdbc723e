"""What lies between the processes of an installation, as tests of two of them in one need it."""

from typing import Any

from calls.memory_store import MemoryStore
from calls.shared_store import StoreUnavailable


class Between:
    """The shared store, which can be away."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.away = False

    def __call__(self) -> Any:
        return self

    def __getattr__(self, name: str) -> Any:
        if self.away:
            return self._refuse
        return getattr(self.store, name)

    async def _refuse(self, *_arguments: object) -> None:
        raise StoreUnavailable
