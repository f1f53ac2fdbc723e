"""What the list of calls shows, as a file."""
