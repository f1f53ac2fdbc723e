"""The people who work here: what each role may do, and who did what."""
