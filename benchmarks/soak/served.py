"""What a soak starts as its server: `manage.py serve`, and a thread that tells what it holds.

The thread listens on SOAK_PORT. Counting means a full collection, which stops everybody for a
tenth of a second: it is asked when no call is in progress.
"""

import asyncio
import ctypes
import gc
import json
import os
import sys
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

KINDS_TOLD = 60


class Mallinfo(ctypes.Structure):
    """glibc's `struct mallinfo2`: bytes, over all arenas."""

    _fields_ = [
        *((name, ctypes.c_size_t) for name in ("arena", "ordblks", "smblks", "hblks", "hblkhd")),
        *((name, ctypes.c_size_t) for name in ("usmblks", "fsmblks", "uordblks", "fordblks")),
        ("keepcost", ctypes.c_size_t),
    ]


def in_use_kib() -> int:
    """What the process has asked for and not freed. With PYTHONMALLOC=malloc that is all of it."""
    mallinfo2 = ctypes.CDLL("libc.so.6").mallinfo2
    mallinfo2.restype = Mallinfo
    told = mallinfo2()
    return int(told.uordblks + told.hblkhd) // 1_024


def sqlite_kib() -> int:
    """What SQLite holds: pages of its file, up to 2 MiB for each connection, and then no more."""
    used = ctypes.CDLL("libsqlite3.so.0").sqlite3_memory_used
    used.restype = ctypes.c_longlong
    return int(used()) // 1_024


def held() -> dict[str, Any]:
    """After a collection, and after free memory was given back to the system.

    Without malloc_trim the figure is that of the busiest moment: what calls have freed stays with
    glibc, in pieces, and is used again by the next ones.
    """
    from twisted.internet import reactor

    gc.collect()
    ctypes.CDLL("libc.so.6").malloc_trim(0)
    objects = gc.get_objects()
    kinds = Counter(f"{type(it).__module__}.{type(it).__qualname__}" for it in objects)
    tasks = [task.get_name() for task in asyncio.all_tasks(reactor._asyncioEventloop)]  # type: ignore[attr-defined]
    status = dict(
        line.split(":", 1)
        for line in Path("/proc/self/status").read_text().splitlines()
        if ":" in line
    )
    return {
        # What is mapped from files comes and goes with the system's memory, and is no leak.
        "memory_kib": int(status["RssAnon"].split()[0]),
        "in_use_kib": in_use_kib() - sqlite_kib(),
        "sqlite_kib": sqlite_kib(),
        "threads": threading.active_count(),
        "files": len(list(Path("/proc/self/fd").iterdir())),
        "tasks": len(tasks),
        "task_names": tasks[:50],
        "objects": len(objects),
        "kinds": dict(kinds.most_common(KINDS_TOLD)),
    }


class Teller(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = json.dumps(held()).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: Any) -> None:
        """Nobody has to read that somebody asked."""


def main() -> None:
    teller = HTTPServer(("127.0.0.1", int(os.environ["SOAK_PORT"])), Teller)
    threading.Thread(target=teller.serve_forever, name="teller", daemon=True).start()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "voiceagent.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
