"""What can go wrong with a simulated call."""


class CallFailed(Exception):
    """The call cannot go on. The message is a sentence for the person who runs the rehearsal."""
