"""The event loop that `manage.py serve` runs on: uvloop's, where there is one."""

import asyncio


def use_the_fastest() -> None:
    """To be called before Daphne is imported, which makes its loop then."""
    try:
        import uvloop
    except ImportError:  # Windows, PyPy
        return
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
