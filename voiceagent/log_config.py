"""Who may write to the log, from which level on; and that no phone number stands in it."""

import logging
from typing import Any

from calls.masking import with_masked_digits, with_masked_numbers
from voiceagent.log_limit import FewLines

OURS = ("calls", "catalog", "customers", "rehearsal", "staff", "voiceagent")
# They write down addresses, into which people put numbers, with a plus or without.
WRITE_ADDRESSES = ("django.", "uvicorn.")
# What these libraries write below, nobody should read.
THEIRS = {
    # Pipecat writes prompts, transcripts and tool arguments at DEBUG and INFO.
    "pipecat": "WARNING",
    "httpx": "WARNING",
    "httpx2": "WARNING",
    "httpcore2": "WARNING",
    # What remote MCP servers do wrong is told by catalog/tools/mcp_connection.py in a line;
    # the SDK would add their answers, which can hold customers' data, and session ids.
    "mcp": "WARNING",
    "mcp.client": "CRITICAL",
    "client": "CRITICAL",
    "openai": "WARNING",
    "cartesia": "WARNING",  # At DEBUG it writes down what was typed.
    "websockets": "WARNING",
    "twilio": "WARNING",
    "asyncio": "WARNING",
    # staff/lock_out.py says once who is locked out.
    "axes": "ERROR",
    # At INFO, two lines a second of every server; `db_worker` sets its own level.
    "django_tasks_db": "WARNING",
    "django.channels.server": "WARNING",
    "daphne": "WARNING",
}
# Their own handlers would write every line twice, or addresses with the numbers in them.
THROUGH_OURS = ("django", "django.server", "uvicorn", "uvicorn.access")


class MaskingFormatter(logging.Formatter):
    """Masks the finished line: message, arguments, traceback and stack, whoever wrote them.

    A filter would have to change the record, which other handlers read too, and would come before
    the traceback is put into words.
    """

    def format(self, record: logging.LogRecord) -> str:
        line = with_masked_numbers(super().format(record))
        return with_masked_digits(line) if record.name.startswith(WRITE_ADDRESSES) else line


def logging_config(level: str) -> dict[str, Any]:
    """For Django's LOGGING: one line on stderr for each record.

    DEBUG is for our own code. Libraries write requests, conversations and what was typed there, and
    so would one that is added tomorrow: theirs begins at INFO, and for some above.
    """
    theirs = "INFO" if level == "DEBUG" else level
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": MaskingFormatter,
                "fmt": "{asctime} {levelname} {name}: {message}",
                "style": "{",
            },
        },
        "filters": {"few lines": {"()": FewLines}},
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "line",
                "filters": ["few lines"],
            }
        },
        "root": {"handlers": ["stderr"], "level": theirs},
        "loggers": {
            **{name: {"level": level} for name in OURS},
            **{name: {"level": least} for name, least in THEIRS.items()},
            **{name: {"handlers": [], "level": theirs, "propagate": True} for name in THROUGH_OURS},
        },
    }
