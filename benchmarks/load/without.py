"""Each optimisation of the product, left out of a server that is only measured.

Some are settings. The others are undone by putting back what Pipecat, Channels or Python do by
themselves; a name that is gone from the product fails here, and not silently.
"""

import gc
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Optimisation:
    """`settings` leave it out, or `undo` does, once the apps are loaded."""

    name: str
    what: str
    settings: Mapping[str, str] = field(default_factory=dict)
    undo: Callable[[], None] | None = None


def own_models() -> None:
    """Each call loads the VAD and the turn model, as Pipecat's analyzers do."""
    import calls.pipeline.build as build
    from calls.pipeline.models import speech_models

    place: Any = build
    if not hasattr(place, "speech_models"):
        raise AttributeError("calls.pipeline.build has no speech_models to replace")
    place.speech_models = speech_models.__wrapped__


def own_client() -> None:
    """Each call builds an OpenAI client, and with it a TLS context."""
    import calls.pipeline.providers as providers

    place: Any = providers
    place.openai_client = providers.openai_client.__wrapped__


def stock_dispatch() -> None:
    """Channels' own way of each message: a task, and a trip through the database thread."""
    from channels.consumer import AsyncConsumer

    from calls.consumers import MediaStreamConsumer

    consumer: Any = MediaStreamConsumer
    consumer.__call__, consumer.dispatch = AsyncConsumer.__call__, AsyncConsumer.dispatch


def vad_in_a_thread() -> None:
    """Pipecat's analyzer hands each piece of audio to a thread of the call's own."""
    from pipecat.audio.vad.vad_analyzer import VADAnalyzer

    from calls.pipeline.models import CallVAD

    place: Any = CallVAD
    place.analyze_audio = VADAnalyzer.analyze_audio


def pieces_of_20_ms() -> None:
    """Each of Twilio's messages goes through the pipeline by itself."""
    import calls.inbox as inbox

    inbox.PIECE_BYTES = inbox.QUIET_BYTES = 160


def silence_as_speech() -> None:
    """Silence goes through the pipeline and to the vendor as often as speech does."""
    import calls.inbox as inbox
    import calls.pipeline.stt as stt

    inbox.QUIET_BYTES = inbox.PIECE_BYTES
    stt.QUIET_MESSAGE_BYTES = stt.MESSAGE_BYTES


def autobahns_frames() -> None:
    """Autobahn reads every frame itself."""
    from calls.daphne_sockets import BoundedProtocol

    protocol: Any = BoundedProtocol
    del protocol.dataReceived


def audio_to_the_end() -> None:
    """The caller's audio goes on to the model and the voice, which have no use for it."""
    from pipecat.frames.frames import InputAudioRawFrame

    from calls.pipeline.turn_gate import TurnGate

    gates: Any = TurnGate
    usual = gates.process_frame

    async def passing(gate: Any, frame: Any, direction: Any) -> None:
        if isinstance(frame, InputAudioRawFrame):
            await super(TurnGate, gate).process_frame(frame, direction)
            await gate.push_frame(frame, direction)
        else:
            await usual(gate, frame, direction)

    gates.process_frame = passing


NO_FREEZE = "gc.freeze"
OPTIMISATIONS = (
    Optimisation(
        "EAGER_TOOL_LOADING",
        "everything is loaded before the first call",
        {"EAGER_TOOL_LOADING": "false"},
    ),
    Optimisation(
        "DIRECT_GREETING_INJECTION",
        "the greeting does not wait for the pipeline",
        {"DIRECT_GREETING_INJECTION": "false"},
    ),
    Optimisation(
        "PARALLEL_CONTEXT_PREFETCH",
        "the customer is looked up beside it all",
        {"PARALLEL_CONTEXT_PREFETCH": "false"},
    ),
    Optimisation("shared models", "VAD and turn models are loaded once", undo=own_models),
    Optimisation("shared OpenAI client", "one client for all calls", undo=own_client),
    Optimisation("own dispatch", "media goes past Channels' dispatch", undo=stock_dispatch),
    Optimisation("VAD on the loop", "no thread hop for each piece", undo=vad_in_a_thread),
    Optimisation(
        "short way of frames", "a whole frame of text is read at once", undo=autobahns_frames
    ),
    Optimisation("uvloop", "the faster event loop", {"SERVER": "daphne"}),
    Optimisation("larger pieces", "audio of several messages at once", undo=pieces_of_20_ms),
    Optimisation("quiet pieces", "silence in larger ones", undo=silence_as_speech),
    Optimisation(
        "NumPy without threads",
        "turns are decided in one thread, which spins for nobody",
        {"OPENBLAS_NUM_THREADS": str(os.cpu_count())},
    ),
    Optimisation(
        "ANSWER_WHEN_WARM",
        "vendors are connected while it rings",
        {"ANSWER_WHEN_WARM": "false"},
    ),
    Optimisation("short way of audio", "it ends at the turn gate", undo=audio_to_the_end),
    Optimisation(NO_FREEZE, "the garbage collector leaves what is loaded alone"),
)


def named(name: str) -> Optimisation:
    return next(it for it in OPTIMISATIONS if it.name == name)


def leave_out_early(name: str) -> None:
    """What has to be undone before the warm-up."""
    if name == NO_FREEZE:
        gc.freeze = lambda: None


def leave_out(name: str) -> None:
    """The rest, once the apps are loaded and before the first call."""
    undo = named(name).undo if name else None
    if undo is not None:
        undo()
