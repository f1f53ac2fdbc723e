"""`python -m benchmarks.soak --calls 1000`: see the package. Exits 1 when anything is wrong."""

import argparse
import asyncio
import os
import random
import re
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import django

KEPT_LOG = Path(tempfile.gettempdir()) / "soak-server.log"


def main() -> int:
    parser = argparse.ArgumentParser(description="Many short calls in which anything goes wrong.")
    add = parser.add_argument
    add("--calls", type=int, default=1_000)
    add("--at-once", type=int, default=16)
    add("--most-kib", type=float, help="memory that a call may leave behind (see bound_kib)")
    add("--seed", type=int, default=random.randrange(1_000_000), help="the same calls again")
    options = parser.parse_args()
    options.most_kib = options.most_kib or bound_kib(options.calls)
    options.warm_up = options.calls // 5
    options.rest_every = max(25, options.calls // 10)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "voiceagent.settings")
    django.setup()
    say(f"SEED={options.seed}: {options.calls} calls, {options.at_once} at a time")
    with tempfile.TemporaryDirectory() as folder:
        return soak(options, Path(folder))


def bound_kib(calls: int) -> float:
    """A call may leave 1 KiB behind. In fewer than a thousand, what is made only once (pools,
    caches, pages of SQLite) weighs more on each: 50 KiB on each of a hundred.
    """
    return 1.0 if calls >= 1_000 else 5_000 / calls


def soak(options: argparse.Namespace, folder: Path) -> int:
    from benchmarks.soak.place import running_place
    from benchmarks.soak.planned_calls import planned_calls
    from benchmarks.soak.provider_troubles import ProviderTroubles
    from benchmarks.soak.run import Soak
    from benchmarks.soak.verdict import wrong

    began = time.monotonic()
    with running_place(folder) as place:
        troubles = ProviderTroubles(place.installation.providers_url, random.Random(options.seed))
        run = Soak(place, troubles, options.at_once)
        planned = planned_calls(options.calls, options.seed)
        asyncio.run(run.make(planned, options.rest_every))
        log = place.server.log.read_text(errors="replace")
        KEPT_LOG.write_text(log)
    found = wrong(run.lived, records(folder / "db.sqlite3"))
    found += run.left
    found += logged_errors(log)
    say(f"{len(run.lived)} calls in {time.monotonic() - began:.0f} s")
    for kind, count in sorted(Counter(call.kind for call in run.lived).items()):
        say(f"  {count:5} {kind}")
    say(f"Faults switched on: {dict(sorted(troubles.switched_on.items()))}")
    found += growth(run.at_rest, options)
    for complaint in found:
        say(f"WRONG: {complaint}")
    say(f"{len(found)} complaints; SEED={options.seed}")
    return int(bool(found))


def growth(samples: list, options: argparse.Namespace) -> list[str]:  # type: ignore[type-arg]
    from benchmarks.soak.growth import complaints, grown_kinds, slope

    warm = [sample for sample in samples if sample.calls >= options.warm_up]
    if len(warm) < 2:
        return ["too few calls after the warm-up to tell whether memory grows"]
    say(
        f"Memory: {slope(warm, 'in_use_kib'):+.2f} KiB a call in use (at most "
        f"{options.most_kib:g}), {slope(warm, 'memory_kib'):+.2f} KiB resident, "
        f"objects {slope(warm, 'objects'):+.2f} a call, over {len(warm)} looks"
    )
    found = complaints(warm, options.most_kib)
    if found:
        say(f"More of these objects than after the warm-up: {', '.join(grown_kinds(warm))}")
    return found


def records(path: Path) -> dict[str, tuple[str, str, str]]:
    """Status, who ended it and what the caller said, of each call."""
    asked = (
        "SELECT call_sid, status, ended_by, (SELECT coalesce(group_concat(text, ' '), '') "
        "FROM calls_utterance WHERE call_id = call.id AND speaker = 'caller') FROM calls_call call"
    )
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10.0)) as database:
        return {row[0]: (row[1], row[2], row[3]) for row in database.execute(asked)}


def logged_errors(log: str) -> list[str]:
    """What nobody should have to read: a traceback, or an error that is not of a provider."""
    bad = [
        line
        for line in log.splitlines()
        if (" ERROR " in line or " CRITICAL " in line or line.startswith("Traceback"))
        and " ERROR pipecat: " not in line  # says that a provider failed, as it was asked to
    ]
    causes = re.findall(r"^[\w.]+(?:Error|Exception|Timeout)\b.*", log, re.MULTILINE)
    return [f"the log says {len(bad)} times such as: {bad[0]} {causes[:2]}"] if bad else []


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
