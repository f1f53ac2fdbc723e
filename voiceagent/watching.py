"""Whether calls are traced: the standard variables of OpenTelemetry. Its SDK reads the others."""

from dataclasses import dataclass

from voiceagent.env import choice, flag, text


@dataclass(frozen=True, slots=True)
class Traces:
    """`exporter` is otlp, console or none; `hold_words` lets what people said into the spans."""

    exporter: str
    hold_words: bool


def traces() -> Traces:
    usual = "otlp" if text("OTEL_EXPORTER_OTLP_ENDPOINT") else "none"
    exporter = choice("OTEL_TRACES_EXPORTER", default=usual, of=("otlp", "console", "none"))
    if flag("OTEL_SDK_DISABLED", default=False):
        exporter = "none"
    words = flag("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", default=False)
    return Traces(exporter, words)
