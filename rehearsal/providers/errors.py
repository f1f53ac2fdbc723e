"""What can go wrong with the offline providers."""


class ProvidersError(Exception):
    """The providers cannot start, or were asked nonsense; the message says what to do."""
