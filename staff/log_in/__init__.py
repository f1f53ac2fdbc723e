"""Logging in to the admin: a password, and a code of those who have set one up."""
