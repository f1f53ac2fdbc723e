"""A call's happenings, kept and not written, for the hazards that need no server."""

from tests.calls.conftest import posted as posted
