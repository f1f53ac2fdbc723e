"""The list of tool modules: what is not imported here is not offered."""

from catalog.tools import call_control, clock, customers

__all__ = ["call_control", "clock", "customers"]
