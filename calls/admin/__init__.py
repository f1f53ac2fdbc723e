"""The pages of calls in the admin: importing them registers them."""

from calls.admin import call_admin, webhook_admin

__all__ = ["call_admin", "webhook_admin"]
