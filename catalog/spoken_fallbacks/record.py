"""Makes the clips again: `echo "import catalog.spoken_fallbacks.record as r; r.record_all()" |
manage.py shell`.

Needs apt's festival, festvox-us-slt-hts, espeak-ng and sox. README.md tells of voices and licences.
"""

import json
import subprocess
import tempfile
from pathlib import Path

from catalog import transcoding
from catalog.spoken_fallbacks import FOLDER

SPEED = "1.2"  # the English voice is slow
ESPEAK_VOICES = {"pt": "pt-pt", "pt-br": "pt-br"}
ESPEAK_WORDS_A_MINUTE = "140"


def record_all() -> None:
    texts = json.loads((FOLDER / "texts.json").read_text(encoding="utf-8"))
    for language, sentences in texts.items():
        for name, text in sentences.items():
            clip = transcoding.transcode(_spoken(language, text), f"{name}.wav")
            (FOLDER / f"{name}.{language}.ulaw").write_bytes(clip.mulaw)


def _spoken(language: str, text: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        said, paced = Path(folder) / "said.wav", Path(folder) / "paced.wav"
        if language == "en":
            scheme = Path(folder) / "say.scm"
            scheme.write_text(
                f'(voice_cmu_us_slt_arctic_hts)(utt.save.wave (SynthText "{text}") "{said}" \'riff)'
            )
            _run("festival", "-b", str(scheme))
            _run("sox", "-D", str(said), str(paced), "tempo", "-s", SPEED)
            return paced.read_bytes()
        voice = ESPEAK_VOICES[language]
        _run("espeak-ng", "-v", voice, "-s", ESPEAK_WORDS_A_MINUTE, "-w", str(said), text)
        return said.read_bytes()


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
