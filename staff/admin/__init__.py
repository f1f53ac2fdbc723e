"""The admin's pages about staff: users, groups, and the audit log."""

from staff.admin import audit_log, people

__all__ = ["audit_log", "people"]
