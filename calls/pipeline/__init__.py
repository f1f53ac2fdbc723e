"""The AI side of a call. With calls/warmup.py the only code that imports pipecat."""

import importlib
import sys

from django.conf import settings


def _hide_the_tracing_sdk() -> None:
    """Without traces, let Pipecat find no SDK: where it is installed, Pipecat imports it (100 ms)
    and wraps what its services push, frame by frame, whether or not anybody traces.
    """
    loaded = "opentelemetry.sdk.trace" in sys.modules  # by others: only the wrapping is saved
    sys.modules.setdefault("opentelemetry.sdk.trace", None)  # type: ignore[arg-type]
    try:
        setup = importlib.import_module("pipecat.utils.tracing.setup")
        setup.OPENTELEMETRY_AVAILABLE = False  # type: ignore[attr-defined]
    finally:
        if not loaded:
            del sys.modules["opentelemetry.sdk.trace"]


if settings.TRACES.exporter == "none":
    _hide_the_tracing_sdk()
