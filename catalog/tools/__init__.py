"""The list of tool modules: what is not imported here is not offered."""

from catalog.tools import appointments, call_control, clock, customers, messages

__all__ = ["appointments", "call_control", "clock", "customers", "messages"]
