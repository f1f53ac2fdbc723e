"""What a call did that Twilio never does, and what the server did then. Pure."""

import dataclasses
from dataclasses import dataclass

WENT_ON = "went on"


@dataclass(frozen=True, slots=True)
class Deed:
    """`answer` is what the server did: it closed a socket (with which code), hung up, went on, …

    `after_ms` is how long after the deed it did so; None when it went on.
    """

    did: str
    at_ms: float
    answer: str = ""
    close_code: int | None = None
    after_ms: float | None = None


class Deeds:
    """All of one call, in order. Whoever begins one may answer it later, by its number."""

    def __init__(self) -> None:
        self._deeds: list[Deed] = []

    def begin(self, did: str, at_ms: float) -> int:
        self._deeds.append(Deed(did, at_ms))
        return len(self._deeds) - 1

    def answered(
        self, number: int, answer: str, now_ms: float, close_code: int | None = None
    ) -> None:
        deed = self._deeds[number]
        self._deeds[number] = dataclasses.replace(
            deed, answer=answer, close_code=close_code, after_ms=now_ms - deed.at_ms
        )

    def all_answered(self, answer: str, now_ms: float, close_code: int | None = None) -> None:
        """What was not answered by itself was answered by this."""
        for number, deed in enumerate(self._deeds):
            if not deed.answer:
                self.answered(number, answer, now_ms, close_code)

    def went_on(self, *, but_for_the_last: bool = False) -> None:
        """Whatever has no answer yet did the server nothing."""
        for number, deed in enumerate(self._deeds):
            is_spared = but_for_the_last and number == len(self._deeds) - 1
            if not deed.answer and not is_spared:
                self._deeds[number] = dataclasses.replace(deed, answer=WENT_ON)

    def seen(self) -> tuple[Deed, ...]:
        self.went_on()
        return tuple(self._deeds)
