"""Which clock measures what? The wall clock jumps: when it is set, and where summer time begins.

Deadlines and durations are monotonic. The wall clock may be calculated with only where a moment
outlives the process or comes from another one; each such place is named here, with the reason.
"""

import ast
from collections.abc import Iterator

from tests.test_architecture import parsed, product_files

SHARED = "the moment comes from another process, through Redis"
STORED = "the moment is a row's or a file's, and outlives this process"
SIGNED = "another machine checks the moment against its own clock"
TRACED = "a collector puts spans of many machines in order; their lengths are monotonic"
SESSION = "the moment stands in a browser's session, and outlives this process"
REHEARSED = "a stand-in says it as the vendor does"

# Where `time.time()` is called, or a date of the clock is added to, subtracted or compared.
MAY_USE_THE_WALL_CLOCK = {
    "calls/adoption.py: _look_up": SHARED,
    "calls/adoption.py: adopt": SHARED,
    "calls/aftercare/begin.py: _make_deliveries": STORED,
    "calls/aftercare/begin.py: summarise_late": STORED,
    "calls/aftercare/deliveries.py: _note": STORED,
    "calls/aftercare/deliveries.py: attempt": STORED,
    "calls/aftercare/deliveries.py: enqueue_due": STORED,
    "calls/aftercare/outgoing.py: _post": SIGNED,
    "calls/aftercare/tasks.py: summarise_call": STORED,
    "calls/aftercare/worker.py: forget_finished": STORED,
    "calls/aftercare/worker.py: take_up_lost": STORED,
    "calls/journal_rows.py: _drop": STORED,
    "calls/pipeline/call_traces.py: _note": TRACED,
    "calls/pipeline/call_traces.py: _story": TRACED,
    "calls/recording/finishing.py: finish_left_behind": STORED,
    "calls/resuming.py: shared_ticket": SHARED,
    "calls/retention.py: _older_than": STORED,
    "calls/settling.py: _settle_some": STORED,
    "calls/standing.py: clock_of": SHARED,
    "calls/standing.py: standing_of": SHARED,
    "calls/survey/by_whatsapp.py: _claimed": STORED,
    "calls/survey/by_whatsapp.py: ask_again": STORED,
    "calls/survey/tasks.py: ask_by_whatsapp": STORED,
    "calls/tickets.py: _give_back": SHARED,
    "calls/shared_ticket.py: written": SHARED,
    "calls/tool_usage.py: tool_usage": STORED,
    "catalog/mcp_overview.py: overviews": STORED,
    "catalog/serving.py: serving": STORED,
    "rehearsal/providers/openai_chat.py: complete": REHEARSED,
    "staff/idle_sessions.py: __call__": SESSION,
    "staff/idle_sessions.py: _begin": SESSION,
    "staff/lock_out.py: locks_of": STORED,
    "staff/log_in/waiting.py: wait_for_code": SESSION,
    "staff/log_in/waiting.py: who_waits": SESSION,
    "staff/second_factor/codes.py: try_on": STORED,
}
WALL_CLOCKS = {
    "time.time",
    "time.time_ns",
    "datetime.now",
    "datetime.utcnow",
    "datetime.datetime.now",
    "timezone.now",
    "date.today",
}
ALWAYS_COUNTED = {"time.time", "time.time_ns"}


def places() -> Iterator[str]:
    """Each function that calculates with the wall clock, as `file: function`."""
    for path in product_files():
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and calculates(node):
                yield f"{path}: {node.name}"


def calculates(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    moments = {
        target.id
        for node in ast.walk(function)
        if isinstance(node, ast.Assign) and is_wall_clock(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }

    def is_moment(node: ast.expr) -> bool:
        return is_wall_clock(node) or (isinstance(node, ast.Name) and node.id in moments)

    for node in ast.walk(function):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ALWAYS_COUNTED:
            return True
        compared: list[ast.expr] = []
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
            compared = [node.left, node.right]
        elif isinstance(node, ast.Compare):
            compared = [node.left, *node.comparators]
        if any(map(is_moment, compared)):
            return True
    return False


def is_wall_clock(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func) in WALL_CLOCKS


def test_deadlines_and_durations_are_measured_by_a_clock_that_does_not_jump() -> None:
    found = set(places())
    assert sorted(found - set(MAY_USE_THE_WALL_CLOCK)) == [], "use time.monotonic()"
    assert sorted(set(MAY_USE_THE_WALL_CLOCK) - found) == [], "gone: take it off the list"


def test_it_sees_what_it_looks_for() -> None:
    def seen(source: str) -> bool:
        [function] = ast.parse(source).body
        assert isinstance(function, ast.FunctionDef)
        return calculates(function)

    assert seen("def f():\n return time.time()")
    assert seen("def f():\n return timezone.now() - begun")
    assert seen("def f():\n now = datetime.now(UTC)\n while now < end: pass")
    assert seen("def f():\n now = timezone.now()\n return now + timedelta(seconds=5)")
    assert not seen("def f():\n return time.monotonic() - begun")
    assert not seen("def f():\n row.at = timezone.now()")
