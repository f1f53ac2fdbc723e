"""A call without a phone network: simulated callers and offline providers."""
