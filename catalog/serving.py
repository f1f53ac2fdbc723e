"""Which process answers calls from which revision, and why is one behind?"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from django.core.cache import cache
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from catalog.models import ServingProcess
from catalog.snapshot_loading import SnapshotInvalid, load_snapshot, newest_revision

# Three beats of catalog/presence.py: a process that was silent for so long is not counted upon.
SEEN_WITHIN_SECONDS = 15.0
REASON_KEPT_SECONDS = 10.0


class ServingState(StrEnum):
    NOTHING = "nothing"  # published yet
    SILENT = "silent"  # no process answers calls
    STUCK = "stuck"  # a process cannot use the newest revision, and says why
    COMING = "coming"  # a process has not taken the newest revision up yet
    LIVE = "live"


@dataclass(frozen=True, slots=True)
class Process:
    name: str  # machine (process id)
    revision: int | None
    problem: str


@dataclass(frozen=True, slots=True)
class Serving:
    newest: int
    processes: tuple[Process, ...]

    @property
    def behind(self) -> tuple[Process, ...]:
        return tuple(p for p in self.processes if (p.revision or 0) < self.newest)

    @property
    def stuck(self) -> tuple[Process, ...]:
        return tuple(process for process in self.behind if process.problem)

    @property
    def state(self) -> ServingState:
        if not self.newest:
            return ServingState.NOTHING
        if not self.processes:
            return ServingState.SILENT
        if self.stuck:
            return ServingState.STUCK
        return ServingState.COMING if self.behind else ServingState.LIVE

    def on(self, revision: int) -> tuple[Process, ...]:
        return tuple(process for process in self.processes if process.revision == revision)

    def sentence(self) -> str:
        numbers = {
            "number": self.newest,
            "all": len(self.processes),
            "some": len(self.processes) - len(self.behind),
        }
        match self.state:
            case ServingState.NOTHING:
                return _("Nothing is published yet.")
            case ServingState.SILENT:
                return (
                    _("No process is answering calls. Revision %(number)s waits for one.") % numbers
                )
            case ServingState.STUCK:
                return _("Revision %(number)s cannot be used everywhere.") % numbers
            case ServingState.COMING:
                return (
                    ngettext(
                        "Revision %(number)s is on its way: %(some)s of %(all)s process has it.",
                        "Revision %(number)s is on its way: %(some)s of %(all)s processes have it.",
                        numbers["all"],
                    )
                    % numbers
                )
            case ServingState.LIVE:
                return _("Revision %(number)s is live.") % numbers


def serving() -> Serving:
    """Two small queries; more only while a process has a problem to tell."""
    newest = newest_revision()
    seen_since = timezone.now() - timedelta(seconds=SEEN_WITHIN_SECONDS)
    rows = ServingProcess.objects.filter(seen_at__gte=seen_since)
    return Serving(newest, tuple(_process(row, newest) for row in rows))


def _process(row: ServingProcess, newest: int) -> Process:
    problem = _in_the_reader_s_language(row.problem, newest) if row.problem else ""
    return Process(str(row), row.revision, problem)


def _in_the_reader_s_language(problem: str, newest: int) -> str:
    """The process told its problem in English; whoever reads may ask the revision itself."""
    language = get_language()
    if language is None or language.startswith("en"):
        return problem
    key = f"why-not-{newest}-{language}"
    reason: str | None = cache.get(key)
    if reason is None:
        try:
            load_snapshot(newest)
            reason = problem
        except SnapshotInvalid as error:
            reason = str(error)
        cache.set(key, reason, REASON_KEPT_SECONDS)
    return reason
