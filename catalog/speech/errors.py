"""What goes wrong when the voice service is asked for something."""


class SpeechError(Exception):
    """The voice service gave nothing of use; the message is a sentence for staff."""


class RefusedMidway(Exception):
    """The service began its answer and then sent an error instead of the rest."""

    def __init__(self, status_code: int, error_code: str, request_id: str) -> None:
        super().__init__(f"Error {status_code} in the middle of an answer.")
        self.status_code = status_code
        self.error_code = error_code
        self.request_id = request_id


class UnreadableAnswer(Exception):
    """The service answered with something other than what its documentation says."""
