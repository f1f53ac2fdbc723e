"""Is an optional package here? Asked without importing it."""

from importlib.util import find_spec


def is_installed(*packages: str) -> bool:
    return all(find_spec(package) is not None for package in packages)
