"""What follows a call, in background tasks: its summary, and who is told of it."""
