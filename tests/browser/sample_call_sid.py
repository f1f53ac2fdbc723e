"""The call of tests/browser/sample_call.py, by its name."""

CALL_SID = "CA" + "5a" * 16
