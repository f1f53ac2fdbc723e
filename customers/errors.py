"""What can go wrong with a directory, for whoever asks it something."""


class DirectoryError(Exception):
    """The directory could not answer; the message says what a person can do about it."""


class SlotTaken(Exception):
    """Somebody else has an appointment at that time. The directory is well."""


class NoSuchThing(Exception):
    """The customer or the appointment is not there, or not this customer's."""


class NotAllowed(Exception):
    """The directory does not take this value, such as a status it does not know."""


class Refused(NotAllowed):
    """The same, from a database that says why: `code` is its SQLSTATE."""

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.code = code
