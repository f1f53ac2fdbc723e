"""Who may write to the log, from which level on."""

from typing import Any


def logging_config(level: str) -> dict[str, Any]:
    """For Django's LOGGING: one line on stderr for each record."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"},
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Django gives this one a handler of its own; with ours, every line would come twice.
            "django": {"handlers": [], "level": "INFO"},
            # Pipecat writes prompts, transcripts and tool arguments at DEBUG and INFO.
            "pipecat": {"level": "WARNING"},
            "httpx": {"level": "WARNING"},
            "httpx2": {"level": "WARNING"},
            "httpcore2": {"level": "WARNING"},
            # What remote MCP servers do wrong is told by catalog/tools/mcp_connection.py in a line;
            # the SDK would add their answers, which can hold customers' data, and session ids.
            "mcp": {"level": "WARNING"},
            "mcp.client": {"level": "CRITICAL"},
            "client": {"level": "CRITICAL"},
            "openai": {"level": "WARNING"},
            "cartesia": {"level": "WARNING"},  # At DEBUG it writes down what was typed.
            "websockets": {"level": "WARNING"},
            "twilio": {"level": "WARNING"},
            "asyncio": {"level": "WARNING"},
            "django.channels.server": {"level": "WARNING"},
            "daphne": {"level": "WARNING"},
        },
    }
