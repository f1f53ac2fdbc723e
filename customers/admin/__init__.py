"""Customers, what is known of them, and their appointments, for staff to edit."""

from customers.admin.appointments import AppointmentAdmin
from customers.admin.customers import CustomerAdmin

__all__ = ["AppointmentAdmin", "CustomerAdmin"]
