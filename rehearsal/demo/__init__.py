"""`manage.py demo`: everything at once, on the embedded default."""
