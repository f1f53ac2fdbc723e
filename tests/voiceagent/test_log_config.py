"""What stands in the log when libraries write numbers into it, as they do."""

import json
import logging
import subprocess
import sys
from collections.abc import Callable

import pytest
from twilio.base.exceptions import TwilioRestException

from voiceagent.log_config import OURS, MaskingFormatter, logging_config

CALLER = "+351200000002"
SID = "CA" + "a1" * 16

Write = Callable[[logging.Logger], None]


def twilio_refuses(logger: logging.Logger) -> None:
    try:
        raise TwilioRestException(
            400, f"/2010-04-01/Accounts/AC1/Calls/{SID}.json?To=%2B351200000002",
            f"The number whatsapp:{CALLER} is unverified", 21219,
        )  # fmt: skip
    except TwilioRestException:
        logger.exception("Twilio did not take %s.", {"To": CALLER})


def a_task_is_lost(logger: logging.Logger) -> None:
    logger.error(
        "Task exception was never retrieved", exc_info=KeyError(CALLER), extra={"to": CALLER}
    )


LINES: dict[str, tuple[str, Write]] = {
    "aiohttp": (
        "aiohttp.access",
        lambda logger: logger.info(
            '%s [%s] "%s" %s', "127.0.0.1", "23/Nov/2026:02:19:58 +0000",
            "GET /Messages.json?To=whatsapp%3A%2B351200000002 HTTP/1.1", 404,
        ),
    ),
    "django": (
        "django.request",
        lambda logger: logger.warning("Not Found: %s", f"/admin/customers/{CALLER}/"),
    ),
    "runserver": (
        "django.server",
        lambda logger: logger.info('"%s" %s', "GET /admin/?q=%2B351200000002 HTTP/1.1", 200),
    ),
    "twilio": ("twilio.http_client", twilio_refuses),
    "asyncio": ("asyncio", a_task_is_lost),
    "ours": ("calls.views", lambda logger: logger.warning("%(who)s rang", {"who": CALLER})),
}  # fmt: skip


@pytest.mark.parametrize("library", LINES)
def test_no_number_of_a_caller_stands_in_a_line(library: str) -> None:
    name, write = LINES[library]
    kept: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            kept.append(self.format(record))

    handler = Kept()
    handler.setFormatter(formatter())
    logger = logging.Logger(name)
    logger.addHandler(handler)
    write(logger)
    assert len(kept) == 1
    assert "200000002" not in kept[0], kept[0]
    assert "+351 ••• 002" in kept[0]


def formatter() -> logging.Formatter:
    line = dict(logging_config("INFO")["formatters"]["line"])
    made: logging.Formatter = line.pop("()")(**line)
    return made


def test_a_sid_of_twilio_stays_readable() -> None:
    record = logging.LogRecord("calls", logging.INFO, "", 1, "Call %s ended.", (SID,), None)
    assert formatter().format(record).endswith(f"INFO calls: Call {SID} ended.")


def test_every_handler_of_the_configuration_masks() -> None:
    config = logging_config("INFO")
    used = {handler["formatter"] for handler in config["handlers"].values()}
    assert all(issubclass(config["formatters"][name]["()"], MaskingFormatter) for name in used)
    # Django's own, for runserver and for mails to admins, would not.
    assert config["loggers"]["django"]["handlers"] == []
    assert config["loggers"]["django.server"]["handlers"] == []


def test_the_record_itself_stays_as_it_was_for_other_handlers() -> None:
    record = logging.LogRecord("calls", logging.INFO, "", 1, "%s rang", (CALLER,), None)
    formatter().format(record)
    assert record.getMessage() == f"{CALLER} rang"


def test_debug_is_for_our_own_code() -> None:
    """What a library writes at DEBUG are requests and conversations, also of one yet to come."""
    config = logging_config("DEBUG")
    assert config["root"]["level"] == "INFO"
    levels = {name: settings["level"] for name, settings in config["loggers"].items()}
    assert {name for name, level in levels.items() if level == "DEBUG"} == set(OURS)
    assert logging_config("WARNING")["root"]["level"] == "WARNING"


@pytest.mark.parametrize("name", ["django.request", "uvicorn.access"])
def test_digits_in_an_address_may_be_a_number_without_its_plus(name: str) -> None:
    address = "/admin/calls/call/1234567/change/?q=351200000002&page=12"
    record = logging.LogRecord(name, logging.WARNING, "", 1, "Not Found: %s", (address,), None)
    line = formatter().format(record)
    assert line.endswith("/admin/calls/call/1234567/change/?q=3512 ••• 002&page=12")


SERVER_S_OWN = """
import json, logging, logging.config, uvicorn.config
from voiceagent.log_config import logging_config
logging.config.dictConfig(uvicorn.config.LOGGING_CONFIG)
logging.config.dictConfig(logging_config("INFO"))
names = ("uvicorn", "uvicorn.access", "uvicorn.error")
loggers = [logging.getLogger(name) for name in names]
print(json.dumps([[len(logger.handlers), logger.propagate] for logger in loggers]))
"""


def test_uvicorn_writes_through_ours() -> None:
    """It sets up handlers of its own before it loads the application."""
    told = subprocess.run(
        [sys.executable, "-c", SERVER_S_OWN],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert json.loads(told.stdout) == [[0, True]] * 3
