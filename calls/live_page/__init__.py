"""Calls while they run: a page that shows them, and what a colleague may do to one."""
