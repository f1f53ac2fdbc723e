"""How large may the body of a request be, and how long may it take to come? By its path. Pure."""

from dataclasses import dataclass

UPLOADS_PATH = b"/admin/"


@dataclass(frozen=True, slots=True)
class BodyLimit:
    """`seconds` from the end of the head to the end of the body."""

    most_bytes: int
    seconds: float


# Twilio's webhooks have about 2 KB.
SMALL = BodyLimit(65_536, 10.0)
# A recording, of up to catalog.refusals.LARGEST_BYTES, and the form around it. 0.7 Mbit/s will do.
UPLOAD = BodyLimit(10_485_760, 120.0)


def limit_of(path: bytes, cookies: bytes, session_cookie: bytes) -> BodyLimit:
    """`path` as it was sent. Without the cookie of a session nobody uploads anything.

    Whether the session is a real one is not known here: that takes a database.
    """
    may_upload = path.startswith(UPLOADS_PATH) and session_cookie + b"=" in cookies
    return UPLOAD if may_upload else SMALL


def declares_too_much(content_length: bytes, most_bytes: int) -> bool:
    """Also when it is no number at all."""
    # Ten digits tell enough; of more than 4,300, int() would raise.
    return not content_length.isdigit() or int(content_length[:10]) > most_bytes
