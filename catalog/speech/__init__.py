"""What the voice service does for a clip: speak a typed sentence, or write down a recording."""

from catalog.speech.alignment import aligned, shifted
from catalog.speech.errors import SpeechError
from catalog.speech.speaking import LONGEST_TEXT, SpokenSentence, speak
from catalog.speech.transcribing import Transcript, transcribe

__all__ = [
    "LONGEST_TEXT",
    "SpeechError",
    "SpokenSentence",
    "Transcript",
    "aligned",
    "shifted",
    "speak",
    "transcribe",
]
