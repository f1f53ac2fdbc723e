"""When calls are traced, and what it costs when they are not. Each in a process of its own."""

import json
import os
import subprocess
import sys

from pipecat.utils.tracing.setup import is_tracing_available

from calls.pipeline import tracing
from tests.servers.running_server import ROOT

PROGRAM = """
import json, sys
import django
django.setup()
from calls.pipeline import build, tracing
from pipecat.utils.tracing.setup import is_tracing_available
provider = None
if tracing._traces is not None:
    from opentelemetry import trace
    provider = trace.get_tracer_provider()
print(json.dumps({
    "traced": tracing._traces is not None,
    "sdk": "opentelemetry.sdk.trace" in sys.modules,
    "pipecat": is_tracing_available(),
    "begun": tracing.begin("CA0"),
    "resource": dict(provider.resource.attributes) if provider else {},
}))
"""


def started_with(**environment: str) -> dict[str, object]:
    plain = {name: it for name, it in os.environ.items() if not name.startswith("OTEL_")}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=ROOT,
        env={**plain, "DJANGO_SETTINGS_MODULE": "voiceagent.settings", **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_turned_off_nobody_loads_the_sdk_and_pipecat_wraps_nothing() -> None:
    found = started_with(OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:9", OTEL_SDK_DISABLED="true")
    assert (found["traced"], found["sdk"], found["pipecat"]) == (False, False, False)


def test_not_asked_for_pipecat_wraps_nothing() -> None:
    """Here: the tests themselves are not traced."""
    assert not tracing.begin("CA0")
    assert not is_tracing_available()


def test_an_endpoint_turns_traces_on_and_the_environment_names_the_service() -> None:
    found = started_with(
        OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:9",
        OTEL_RESOURCE_ATTRIBUTES="deployment.environment=lisbon,service.version=7",
        OTEL_SERVICE_NAME="",
    )
    assert (found["traced"], found["pipecat"], found["begun"]) == (True, True, False)
    resource = found["resource"]
    assert isinstance(resource, dict)
    assert resource["service.name"] == "voiceagent"
    assert (resource["deployment.environment"], resource["service.version"]) == ("lisbon", "7")
    assert resource["voiceagent.process"]
