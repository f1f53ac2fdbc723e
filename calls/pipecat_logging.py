"""Pipecat logs through loguru, down to whole conversations: bridge it to logging, without text."""

import logging
from typing import Any

from loguru import logger as loguru_logger


def quiet() -> None:
    """Call before pipecat is imported: its banner is logged on import."""
    loguru_logger.remove()
    loguru_logger.add(_forward, level="ERROR")


def _forward(message: Any) -> None:
    """Say where a record came from, not what it says: Pipecat quotes transcripts in it."""
    record = message.record
    logging.getLogger("pipecat").log(
        record["level"].no, "%s:%s reported a problem.", record["name"], record["line"]
    )
