"""Read a variable of the environment, or refuse to start and say which one makes no sense."""

import ssl
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

_env = environ.Env()

# The library that runs the speech models reports to its maker (mobile.events.data.microsoft.com)
# and leaves a database in the home folder. Before it is imported, this keeps it from both.
_env.ENVIRON.setdefault("ORT_DISABLE_TELEMETRY", "1")
# NumPy would start a thread for each core, which spin while the end of a turn is decided: on two
# cores a decision took 60 ms of time and 90 ms of CPU with them, and 40 ms of both without. They
# also ran beside the event loop, at its own priority.
_env.ENVIRON.setdefault("OPENBLAS_NUM_THREADS", "1")


def read_file(path: Path) -> None:
    """Take variables from a .env file; those of the environment itself win."""
    environ.Env.read_env(path)


def forget_empty(*prefixes: str) -> None:
    """Libraries that read such variables themselves take one that is set to nothing for a value."""
    for name in [name for name in _env.ENVIRON if name.startswith(prefixes) and not text(name)]:
        del _env.ENVIRON[name]


def text(name: str, *, default: str = "") -> str:
    """A string. Set to nothing, a variable counts as not set, as in .env.example."""
    # Not _env.str(): it takes a secret that begins with a dollar sign for another variable's name.
    return str(_env.ENVIRON.get(name, "")).strip() or default


def words(name: str) -> list[str]:
    """A list, separated by commas; empty when not set."""
    return [word.strip() for word in text(name).split(",") if word.strip()]


def beginning_with(prefix: str) -> dict[str, str]:
    """Every variable whose name begins so and that is set to something."""
    return {name: text(name) for name in _env.ENVIRON if name.startswith(prefix) and text(name)}


def certificates(name: str) -> str:
    """The path of a PEM file of certificates; empty when not set."""
    value = text(name)
    try:
        if value:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=value)
    except OSError:
        raise ImproperlyConfigured(f"{name}={value!r}: use a PEM file of certificates.") from None
    return value


def choice(name: str, *, default: str, of: tuple[str, ...]) -> str:
    """One of a few words."""
    value = text(name, default=default)
    if value not in of:
        raise ImproperlyConfigured(f"{name}={value!r}: use {' or '.join(of)}.")
    return value


def flag(name: str, *, default: bool) -> bool:
    """A yes/no variable. Anything but true/false/1/0/yes/no/on/off is refused."""
    raw = text(name).lower()
    if raw == "":
        return default
    if raw in {"1", "true", "yes", "on"}:
        return True
    if raw in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name}={raw!r}: use true or false.")


def number(name: str, *, default: float, least: float, most: float) -> float:
    """A number within bounds, both included."""
    raw = text(name)
    if raw == "":
        return default
    try:
        value = float(raw)
    except ValueError:
        raise ImproperlyConfigured(f"{name}={raw!r}: use a number.") from None
    if not least <= value <= most:
        raise ImproperlyConfigured(f"{name}={raw}: use a number from {least:g} to {most:g}.")
    return value


def url(name: str, *, default: str, schemes: tuple[str, ...]) -> str:
    """An absolute URL without a trailing slash."""
    value = text(name, default=default)
    try:
        parts = urlsplit(value)
        whole = parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        whole = None
    if not whole or parts.scheme not in schemes or parts.query or parts.fragment:
        raise ImproperlyConfigured(
            f"{name}={value!r}: use a URL such as {schemes[0]}://example.org."
        )
    return value.rstrip("/")


def database(name: str, *, default: str) -> dict[str, Any]:
    """A Django database from a URL such as postgres://user:password@host/name."""
    try:
        configured: dict[str, Any] = _env.db_url_config(text(name, default=default))
    except (ValueError, KeyError, ImproperlyConfigured):
        configured = {}
    if not configured.get("NAME") or "." not in str(configured.get("ENGINE")):
        raise ImproperlyConfigured(f"{name}: use a URL such as postgres://user:password@host/name.")
    return configured
