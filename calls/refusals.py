"""What was refused at the door: counted, and told in a few lines a second, whatever comes.

voiceagent/log_limit.py keeps the lines few, each kind for itself.
"""

import logging
from enum import StrEnum

from calls import metrics

logger = logging.getLogger(__name__)


class Refused(StrEnum):
    """Why; these are the values of the metric's label as well."""

    WEBHOOK_SIGNATURE = "webhook signature"
    UPGRADE_SIGNATURE = "upgrade signature"
    NO_SUCH_SOCKET = "no such socket"
    LIVE_PAGE = "live page"
    TOO_MANY_PENDING = "too many pending"
    NO_START = "no start"
    NO_VALID_TOKEN = "no valid token"
    FLOOD = "flood"
    FRAMES = "too many frames"
    MALFORMED = "malformed"
    BODY_TOO_LARGE = "body too large"
    SERVER_STOPS = "server stops"


SENTENCES = {
    Refused.WEBHOOK_SIGNATURE: "A webhook was refused: its signature is missing or wrong. If it "
    "was Twilio's, look at TWILIO_AUTH_TOKEN and PUBLIC_BASE_URL.",
    Refused.UPGRADE_SIGNATURE: "A media stream was refused: its signature is missing or wrong.",
    Refused.NO_SUCH_SOCKET: "A WebSocket was refused: nothing is served at its path.",
    Refused.LIVE_PAGE: "A page of live calls was refused: nobody who may see calls is logged in, "
    "or too many ask at once.",
    Refused.TOO_MANY_PENDING: "A media stream was refused: too many wait for their start.",
    Refused.NO_START: "A media stream was closed: it did not start.",
    Refused.NO_VALID_TOKEN: "A media stream was closed: it had no valid token.",
    Refused.FLOOD: "A media stream was closed: it sent too many messages.",
    Refused.FRAMES: "A WebSocket was cut off: it sent too many frames.",
    Refused.MALFORMED: "A media stream was closed: it sent too much that Twilio does not send.",
    Refused.BODY_TOO_LARGE: "A request was refused: its body is too large.",
    Refused.SERVER_STOPS: "A call or a media stream was refused: this server is about to stop.",
}
EXPECTED = {Refused.SERVER_STOPS}  # as operators wish it; a restart is no trouble
for _why in Refused:
    metrics.refusals.labels(why=_why.value)


def note(why: Refused) -> None:
    """Say so, and count it. Nothing of what was sent is repeated."""
    metrics.refusals.labels(why=why.value).inc()
    level = logging.INFO if why in EXPECTED else logging.WARNING
    logger.log(level, SENTENCES[why], extra={"kind": why.value})
