"""Makes the recordings again: `python -m rehearsal.speech.record` (needs apt's flite and sox)."""

import json
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from loudness import integrated_loudness

from rehearsal.speech import FOLDER

RATE = 8_000
LOUDNESS_LUFS = -19.0
FRAME_BYTES = 160
QUIET_SHARE = 10 ** (-42 / 20)  # of the peak; what is below it at either end is cut off
LEAD_SAMPLES = TAIL_SAMPLES = 160  # 20 ms are left standing
FADE_SAMPLES = 40
Samples = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Recipe:
    """A sentence and how slowly it is said; both were chosen by the figures in README.md."""

    text: str
    stretch: float


RECIPES = {
    "ask-hours": Recipe("Can you tell me your opening hours please?", 1.0),
    "and-saturday": Recipe("And what about Saturday?", 1.0),
    "goodbye": Recipe("Okay, goodbye and thank you.", 0.9),
    "what-time": Recipe("What time is it now?", 1.0),
    "who-am-i": Recipe("Can you tell me who I am please?", 1.05),
    "book": Recipe("I would like to book an appointment.", 1.05),
    "person": Recipe("Can I speak to a person please?", 0.95),
    "yes": Recipe("Yes please.", 0.9),
    "no": Recipe("No thank you.", 1.0),
    "hello-question": Recipe("Hello, can I ask you a question?", 0.9),
    "wait-stop": Recipe("Wait, please stop.", 0.95),
}


def record_all() -> None:
    for name, recipe in RECIPES.items():
        (FOLDER / f"{name}.ulaw").write_bytes(_encode(_shape(_synthesise(recipe))))
    texts = {name: recipe.text for name, recipe in RECIPES.items()}
    (FOLDER / "lines.json").write_text(json.dumps(texts, indent=2) + "\n", encoding="utf-8")


def _synthesise(recipe: Recipe) -> Samples:
    with tempfile.TemporaryDirectory() as folder:
        wav = str(Path(folder) / "speech.wav")
        stretch = f"duration_stretch={recipe.stretch}"
        _run("flite", "-voice", "rms", "--setf", stretch, "-t", recipe.text, "-o", wav)
        raw = _run("sox", wav, "-t", "f32", "-c", "1", "-", "rate", "-v", str(RATE))
    return np.frombuffer(raw, dtype="<f4")


def _shape(speech: Samples) -> Samples:
    """Trimmed, faded at the ends, at the loudness of a telephone voice."""
    loud = np.flatnonzero(np.abs(speech) > QUIET_SHARE * np.abs(speech).max())
    shaped = speech[max(0, loud[0] - LEAD_SAMPLES) : loud[-1] + TAIL_SAMPLES].copy()
    shaped[:FADE_SAMPLES] *= np.linspace(0, 1, FADE_SAMPLES, dtype=np.float32)
    shaped[-FADE_SAMPLES:] *= np.linspace(1, 0, FADE_SAMPLES, dtype=np.float32)
    # Four times over: the measurement takes no less than 400 ms and averages over blocks.
    measured = integrated_loudness(np.tile(shaped, 4), RATE)
    levelled: Samples = np.tanh(shaped * np.float32(10 ** ((LOUDNESS_LUFS - measured) / 20)))
    return levelled


def _encode(speech: Samples) -> bytes:
    raw_format = ("-t", "f32", "-r", str(RATE), "-c", "1")
    encoded = _run("sox", "-D", *raw_format, "-", "-t", "ul", "-", stdin=speech.tobytes())
    return encoded + b"\xff" * (-len(encoded) % FRAME_BYTES)


def _run(*command: str, stdin: bytes | None = None) -> bytes:
    return subprocess.run(command, input=stdin, check=True, capture_output=True, timeout=60).stdout


if __name__ == "__main__":
    record_all()
