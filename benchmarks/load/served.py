"""What is started as the product: `manage.py serve`, a probe, and one optimisation less if asked.

WITHOUT names that optimisation; see without.py. SERVER names another server; see servers.py.
"""

import os
import sys
from typing import Any

# isort: off
import voiceagent.env  # noqa: F401  First, as in production: it sets what NumPy reads at import.

# isort: on
import django
import uvicorn

from benchmarks.load.probe import probe
from voiceagent import event_loop


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "voiceagent.settings")
    from benchmarks.load.without import leave_out, leave_out_early

    left_out, server = os.environ.get("WITHOUT", ""), os.environ.get("SERVER", "")
    leave_out_early(left_out)
    if server != "daphne":
        event_loop.use_the_fastest()
    probe.listen()
    django.setup()
    _tell_when_agents_are_ready()
    leave_out(left_out)
    import voiceagent.asgi

    served: Any = voiceagent.asgi
    served.application = probe.around(served.application)
    if server == "uvicorn":
        uvicorn.run(served.application, port=int(sys.argv[-1]), log_level="warning")
        return
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


def _tell_when_agents_are_ready() -> None:
    from calls.line import CallLine

    lines: Any = CallLine
    usual = lines.agent_is_ready

    def told(line: CallLine) -> None:
        first = line.timings.agent_ready_ms is None
        usual(line)
        if first and line.timings.agent_ready_ms is not None:
            probe.ready(line.timings.agent_ready_ms)

    lines.agent_is_ready = told


if __name__ == "__main__":
    main()
