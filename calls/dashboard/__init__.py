"""How are the calls going? The first page after login, and its numbers as CSV."""
