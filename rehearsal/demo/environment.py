"""Where the demo lives: its own database, ports and secrets, apart from any real installation."""

import secrets
import socket
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings


@dataclass(frozen=True, slots=True)
class DemoPlace:
    """One demo. Nothing in it touches the installation's own database or vendors."""

    port: int
    providers_port: int
    folder: Path
    account_sid: str
    auth_token: str
    admin_password: str

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def providers_url(self) -> str:
        return f"http://127.0.0.1:{self.providers_port}"

    def environment(self) -> dict[str, str]:
        """Variables for the demo's processes; empty ones switch off what a .env file sets."""
        return {
            "DEBUG": "true",
            "SECRET_KEY": secrets.token_urlsafe(48),
            "ALLOWED_HOSTS": "",
            "PUBLIC_BASE_URL": self.base_url,
            "DATABASE_URL": f"sqlite:///{self.folder / 'demo.sqlite3'}",
            "REDIS_URL": "",
            "TWILIO_ACCOUNT_SID": self.account_sid,
            "TWILIO_AUTH_TOKEN": self.auth_token,
            "TWILIO_API_BASE_URL": self.providers_url,
            "TWILIO_VALIDATE_SIGNATURES": "true",
            "TWILIO_WS_PATH": "",
            "OFFLINE_PROVIDERS_URL": self.providers_url,
            "OPENAI_API_KEY": "",
            "OPENAI_BASE_URL": "",
            "CARTESIA_API_KEY": "",
            "CARTESIA_BASE_URL": "",
            "SUPABASE_URL": "",
            "LOG_LEVEL": "INFO",
            "DRAIN_TIMEOUT": "0",
            "DJANGO_SUPERUSER_PASSWORD": self.admin_password,
            "PYTHONUNBUFFERED": "1",
        }


def find_place(port: int, providers_port: int) -> DemoPlace:
    """A place on these ports, or on free ones where they are taken."""
    port = free_port(port)
    folder = Path(settings.BASE_DIR) / "rehearsals" / f"demo-{port}"
    folder.mkdir(parents=True, exist_ok=True)
    for leftover in folder.glob("demo.sqlite3*"):
        leftover.unlink()
    return DemoPlace(
        port=port,
        providers_port=free_port(providers_port),
        folder=folder,
        account_sid="AC" + secrets.token_hex(16),
        auth_token=secrets.token_hex(16),
        admin_password=secrets.token_urlsafe(9),
    )


def free_port(wanted: int) -> int:
    """`wanted` if nobody listens there, else a port the system chooses."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("No port is free.")
