"""An agent that speaks with recorded speech: to a voice detector, its echo is a person."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from catalog.models import Clip, Recording
from rehearsal.caller import line
from rehearsal.caller.mulaw import decode
from rehearsal.providers.pcm import Pcm
from rehearsal.providers.voices.speaker import Speaker
from tests.whole_call.desk import at_the_desk
from tests.whole_call.rig import Rig

RATE = 8_000
SENTENCE = ("hello-question", "person")
MS_PER_CHARACTER = 55


class RecordedVoice:
    """Says the same recorded sentences whatever the text is, for about as long as that takes."""

    name = "recorded"
    threads = 1

    def speak(self, sentence: str, language: str) -> Pcm:
        spoken = np.concatenate([decode(line(name).audio) for name in SENTENCE])
        wanted = len(sentence) * MS_PER_CHARACTER * RATE // 1_000
        return Pcm(np.resize(spoken, wanted).astype(np.int16), RATE)


def spoken_greeting() -> Clip:
    """Some five seconds, in two sentences."""
    audio = b"".join(line(name).audio for name in SENTENCE)
    text = " ".join(line(name).text for name in SENTENCE)
    clip = Clip.objects.create(name="Spoken greeting")
    clip.published = Recording.objects.create(clip=clip, version=1, text=text, mulaw=audio)
    clip.save()
    return clip


def greet_in_words(rig: Rig, **changes: object) -> float:
    """Have callers greeted by a voice. How long that takes, in ms."""
    clip = at_the_desk(spoken_greeting)
    rig.edit_agent(greeting_clip=clip, greeting_text=clip.published.text, **changes)
    return len(clip.published.mulaw) / 8


@contextmanager
def real_voice(rig: Rig) -> Iterator[None]:
    backstage = rig.providers.backstage
    tone, backstage.speaker = backstage.speaker, Speaker(RecordedVoice())
    try:
        yield
    finally:
        backstage.speaker = tone
