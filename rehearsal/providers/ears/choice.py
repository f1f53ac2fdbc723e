"""Which ears are used: the best ones installed, or those asked for."""

from rehearsal.providers.config import EarsChoice
from rehearsal.providers.ears.known_clips import KnownClipRecogniser
from rehearsal.providers.ears.recogniser import Recogniser
from rehearsal.providers.errors import ProvidersError
from rehearsal.providers.installed import is_installed


def choose_ears(choice: EarsChoice) -> Recogniser:
    """Blocking: a model may be loaded."""
    if choice == "typed" or (choice == "auto" and not is_installed("moonshine_voice")):
        return KnownClipRecogniser()
    if not is_installed("moonshine_voice"):
        raise ProvidersError("Moonshine is not installed; `make voices` installs it.")
    from rehearsal.providers.ears.moonshine import MoonshineRecogniser

    return MoonshineRecogniser()
