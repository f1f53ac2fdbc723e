"""What a process has used and holds, as Linux counts it: all of its threads."""

import os
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Used:
    cpu_seconds: float  # user and system, since its start
    rss_mb: float
    pss_mb: float  # of pages that are shared, its part


def used(pid: int) -> Used:
    # The name of the process may hold blanks and brackets: the fields begin behind the last one.
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    sizes = {line.split(":")[0]: line.split()[1] for line in rollup.splitlines()[1:]}
    return Used(
        (int(fields[11]) + int(fields[12])) / TICKS,
        int(sizes["Rss"]) / 1_024,
        int(sizes["Pss"]) / 1_024,
    )
