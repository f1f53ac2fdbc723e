"""The one error of a customer look-up."""


class DirectoryError(Exception):
    """The directory could not answer; the message says what a person can do about it."""
