"""Two-step log-in: a code of an app on the telephone (TOTP) beside the password."""
