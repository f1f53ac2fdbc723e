"""`python -m benchmarks.instructions [--store]`: count, and compare with what is stored."""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.instructions.counts import PARTS, STORED, Count, counted, python_version
from benchmarks.load.sides import MeasuredInstallation, set_up
from benchmarks.provider_process import running_providers
from tests.servers.running_server import ROOT

VALGRIND = [
    "valgrind",
    "--tool=callgrind",
    "--instr-atstart=no",
    "--trace-children=no",
    "--separate-threads=yes",
]
LIMIT_SECONDS = 900.0
CANNOT_COUNT = 2


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", action="store_true", help="from now on this is what it may cost")
    options = parser.parse_args()
    if shutil.which("valgrind") is None:
        say("valgrind is not installed: `apt-get install valgrind`. Nothing was counted.")
        return CANNOT_COUNT
    stored = json.loads(STORED.read_text()) if STORED.exists() else {}
    usual = stored.get(python_version(), {})
    found = measured()
    counts = [Count(part, found[part], usual.get(part)) for part in PARTS]
    for count in counts:
        say(described(count))
    if options.store:
        stored[python_version()] = {count.part: round(count.thousands, 1) for count in counts}
        STORED.write_text(json.dumps(stored, indent=1) + "\n")
        return 0
    if not usual:
        say(f"Nothing is stored for Python {python_version()}: `--store` stores this.")
    return 1 if any(count.is_too_much or count.is_much_less for count in counts) else 0


def measured() -> dict[str, float]:
    """Thousands of instructions of each part."""
    with tempfile.TemporaryDirectory() as name, running_providers() as providers_url:
        folder = Path(name)
        set_up(folder, providers_url)
        out = f"--callgrind-out-file={folder / 'callgrind.out.%p'}"
        command = [*VALGRIND, out, sys.executable, "-m", "benchmarks.instructions.subject"]
        environment = {
            **MeasuredInstallation(folder, providers_url).environment(8_000),
            # Sockets that open meanwhile would be counted here or there.
            "ANSWER_WHEN_WARM": "false",
            # Without a seed, sets and dicts of strings are laid out anew in each process.
            "PYTHONHASHSEED": "0",
        }
        with (folder / "subject.log").open("wb") as log:
            done = subprocess.run(
                command,
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                timeout=LIMIT_SECONDS,
            )
        found = counted(folder)
        if done.returncode or len(found) != len(PARTS):
            say((folder / "subject.log").read_text()[-4_000:])
            sys.exit(CANNOT_COUNT)
        return found


def described(count: Count) -> str:
    figure = f"{PARTS[count.part]}: {count.thousands:,.1f} thousand instructions"
    if count.stored is None:
        return figure
    verdict = ""
    if count.is_too_much:
        verdict = ": TOO MUCH"
    elif count.is_much_less:
        verdict = ": MUCH LESS, store it (`--store`), or as much may come back unseen"
    return f"{figure}, {count.thousands / count.stored:.3f} of what is stored{verdict}"


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
