"""A tool's run, as the record of the call has it. Pure."""

from calls.happenings import ToolRan
from calls.prompting import seen
from calls.tool_results import arguments_for_the_record
from calls.tool_runner import ToolRequest, ToolRunResult


def record_of(call_sid: str, request: ToolRequest, done: ToolRunResult, ended_ms: float) -> ToolRan:
    return ToolRan(
        call_sid,
        seen(done.name)[:100],
        arguments_for_the_record(request.arguments),
        done.verdict,
        ended_ms - done.ms,
        done.ms,
        done.result.for_the_model(),
    )
