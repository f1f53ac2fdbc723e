"""`python -m benchmarks.chaos`: see the package. Exits 1 when a bar is missed."""

import argparse
import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from benchmarks.chaos import table
from benchmarks.chaos.callers import CellReports, call
from benchmarks.chaos.cells import ALL, Cell
from benchmarks.chaos.judged import Row, dead_air_ms, judged
from benchmarks.provider_process import running_providers
from tests.servers.running_server import ROOT, Installation, running


@dataclass(frozen=True)
class ChaosInstallation(Installation):
    def environment(self, port: int) -> dict[str, str]:
        return {
            **super().environment(port),
            "DJANGO_SETTINGS_MODULE": "voiceagent.settings",
            "DEBUG": "false",
            "SUPABASE_URL": self.providers_url,
            "SUPABASE_KEY": "a-key",
            "MAX_CONCURRENT_CALLS": "40",
        }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="cells whose names have one of these: 'a,tts b'")
    parser.add_argument("--keep-the-page", action="store_true", help="write no table")
    parser.add_argument("--at-length", action="store_true", help="tell of every call")
    options = parser.parse_args()
    wanted = options.only.split(",")
    cells = [cell for cell in ALL if any(it in cell.name for it in wanted)]
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        rows = measure(cells, Path(folder), at_length=options.at_length)
    say(f"{len(rows)} cells in {time.monotonic() - began:.0f} s")
    if not options.keep_the_page:
        table.write(rows)
    missed = [f"{row.cell.name}: {it}" for row in rows for it in row.complaints]
    for complaint in missed:
        say(f"MISSED: {complaint}")
    return int(bool(missed))


def measure(cells: Sequence[Cell], folder: Path, *, at_length: bool) -> list[Row]:
    rows = []
    with running_providers() as providers_url:
        installation = ChaosInstallation(folder, providers_url)
        subprocess.run(
            [sys.executable, "-m", "benchmarks.chaos.set_up"],
            cwd=ROOT,
            env=installation.environment(8000),
            check=True,
        )
        for remembers, group in groupby(cells, remembers_the_dead):
            with ExitStack() as stack:
                server = None
                for cell in group:
                    if server is None or remembers:
                        stack.close()
                        serve = ("manage.py", "serve", "--port", "{port}")
                        server = stack.enter_context(running(installation, *serve))
                        server.wait_until_ready()
                    reports = asyncio.run(call(cell, server.target, providers_url))
                    rows.append(judged(reports))
                    say(f"{cell.name:18} " + table.line(rows[-1]).strip())
                    if at_length:
                        tell(reports)
    return rows


def remembers_the_dead(cell: Cell) -> bool:
    """Whether the server takes what it found dead for dead in the next cell too."""
    return cell.provider in {"llm", "stt", "tts"}


def tell(reports: CellReports) -> None:
    for report in (*reports.concerned, *reports.bystanders):
        said = ", ".join(f"{it.line} {it.start_ms:.0f}-{it.end_ms:.0f}" for it in report.said)
        heard = ", ".join(f"{it.start_ms:.0f}-{it.end_ms:.0f}" for it in report.heard)
        say(
            f"  {report.script} {report.call_sid}: said {said}; heard {heard}; ended by "
            f"{report.ended_by} at {report.ended_ms:.0f}, dialled {report.transferred_to}, "
            f"dead air {dead_air_ms(report):.0f}; {'; '.join(report.failures)}"
        )


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
