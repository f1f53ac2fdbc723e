"""VAD and turn models: loaded once in a process, their state kept for each call.

Each stock analyzer builds its own ONNX session, on the event loop: about 75 ms and 100 ms, 30 MB
and 20 MB, for every call. An InferenceSession may be run by many threads at once.
"""

import functools
import os
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from pipecat.audio.turn.base_turn_analyzer import EndOfTurnState
from pipecat.audio.turn.smart_turn.base_smart_turn import BaseSmartTurn, SmartTurnParams
from pipecat.audio.turn.smart_turn.local_smart_turn_v3 import LocalSmartTurnAnalyzerV3
from pipecat.audio.utils import exp_smoothing
from pipecat.audio.vad.silero import SileroOnnxModel, SileroVADAnalyzer
from pipecat.audio.vad.vad_analyzer import VADAnalyzer, VADParams, VADState
from pipecat.metrics.metrics import MetricsData

from calls import metrics
from calls.pipeline.audible import is_audible
from calls.pipeline.transport import SAMPLE_RATE

# An unfinished sentence is waited for this long; Pipecat's own 3 s is heard as "it hung up".
INCOMPLETE_TURN_SECONDS = 1.6
# A decision takes 40 ms of a core, up to 180 of a busy one. Behind so many others in each thread a
# caller would wait longer for it than for silence to tell: 0.2 s until the VAD is sure, and these.
MOST_WAITING = 3
SILENCE_TELLS_SECONDS = 0.4
# While the agent is heard, an echo of it may be left that `echo.py` did not know by its shape. By
# Pipecat's scale of volume callers down to -22 dB still interrupt, and echoes of -25 dB do not.
QUIETEST_CALLER, QUIETEST_INTERRUPTION = 0.6, 0.68
LASTING_WINDOWS = 12  # of 32 ms: the volume is of 400 ms, and what was said before is out of it


class _SharedSilero(SileroOnnxModel):
    """The state of one caller over a shared session."""

    def __init__(self, loaded: SileroOnnxModel) -> None:
        self.session = loaded.session
        self.sample_rates = loaded.sample_rates
        self.reset_states()


class CallVAD(SileroVADAnalyzer):
    """Silero over the shared session, run on the event loop.

    A window takes 0.2 ms; the thread hop of the stock analyzer cost more than that.
    """

    def __init__(self, loaded: SileroOnnxModel, agent_is_heard: Callable[[], bool]) -> None:
        # Skips SileroVADAnalyzer.__init__, whose only other work is to load the model again.
        params = VADParams(min_volume=QUIETEST_CALLER)
        VADAnalyzer.__init__(self, sample_rate=SAMPLE_RATE, params=params)
        self._agent_is_heard = agent_is_heard
        self._model = _SharedSilero(loaded)
        self._windows_since_reset = 0
        self._low_confidence_windows = 0
        self._quiet_windows = 0  # in a row

    async def analyze_audio(self, buffer: bytes) -> VADState:
        begins = self._vad_state in (VADState.QUIET, VADState.STARTING)
        is_interruption = begins and self._agent_is_heard()
        self._params.min_volume = QUIETEST_INTERRUPTION if is_interruption else QUIETEST_CALLER
        return self._run_analyzer(buffer)

    def voice_confidence(self, buffer: bytes) -> float:
        """In a silence that lasts, the model is not asked: 0.005 ms for a window, and not 0.2. What
        ends it finds the model as new, as Pipecat resets it in every silence.
        """
        if is_audible(buffer):
            if self._quiet_windows > LASTING_WINDOWS:
                self._model.reset_states()
            self._quiet_windows = 0
        elif self._vad_state is VADState.QUIET:
            self._quiet_windows += 1
            if self._quiet_windows > LASTING_WINDOWS:
                return 0.0
        confidence: float = super().voice_confidence(buffer)
        return confidence

    def _get_smoothed_volume(self, audio: bytes) -> float:
        if self._quiet_windows <= LASTING_WINDOWS:
            volume: float = super()._get_smoothed_volume(audio)
            return volume
        self._volume_tracker.update(audio, SAMPLE_RATE)
        return exp_smoothing(0.0, self._prev_volume, self._smoothing_factor)


class CallTurnAnalyzer(LocalSmartTurnAnalyzerV3):
    """Smart turn over the shared session and the shared, bounded threads. When too many wait for
    them, the end of this turn is told by silence.
    """

    def __init__(self, loaded: LocalSmartTurnAnalyzerV3, workers: "TurnWorkers") -> None:
        BaseSmartTurn.__init__(
            self,
            sample_rate=SAMPLE_RATE,
            params=SmartTurnParams(stop_secs=INCOMPLETE_TURN_SECONDS),
        )
        self._session = loaded._session
        self._log_data = False
        self._workers = workers

    @property
    def _model_executor(self) -> ThreadPoolExecutor:
        return self._workers.threads

    async def analyze_end_of_turn(self) -> tuple[EndOfTurnState, MetricsData | None]:
        if not self._audio_buffer:  # Silence has told: there is nothing to wait in a queue with.
            return EndOfTurnState.INCOMPLETE, None
        if self._workers.are_busy:
            metrics.turns_told_by_silence.inc()
            self._stop_ms = SILENCE_TELLS_SECONDS * 1_000.0
            return EndOfTurnState.INCOMPLETE, None
        self._stop_ms = INCOMPLETE_TURN_SECONDS * 1_000.0
        with self._workers.asked():
            found: tuple[EndOfTurnState, MetricsData | None] = await super().analyze_end_of_turn()
            return found


class TurnWorkers:
    """All calls' decisions, a few at a time: unbounded, many calls would starve each other."""

    def __init__(self) -> None:
        self._most = max(1, (os.cpu_count() or 1) - 1)
        self._asked = 0
        self.threads = ThreadPoolExecutor(
            self._most, thread_name_prefix="smart turn", initializer=_let_audio_go_first
        )

    @property
    def are_busy(self) -> bool:
        return self._asked >= self._most * (1 + MOST_WAITING)

    @contextmanager
    def asked(self) -> Iterator[None]:
        self._asked += 1
        try:
            yield
        finally:
            self._asked -= 1


@dataclass(frozen=True, slots=True)
class SpeechModels:
    """The loaded models of this process."""

    silero: SileroOnnxModel
    smart_turn: LocalSmartTurnAnalyzerV3
    workers: TurnWorkers

    def vad(self, agent_is_heard: Callable[[], bool] = lambda: False) -> CallVAD:
        return CallVAD(self.silero, agent_is_heard)

    def turn_analyzer(self) -> CallTurnAnalyzer:
        return CallTurnAnalyzer(self.smart_turn, self.workers)


def _let_audio_go_first() -> None:
    """Where the system knows priorities of threads (Linux), this one waits for the event loop."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)


@functools.cache
def speech_models() -> SpeechModels:
    """Load the models, once in this process."""
    return SpeechModels(
        silero=SileroVADAnalyzer(sample_rate=SAMPLE_RATE)._model,
        smart_turn=LocalSmartTurnAnalyzerV3(sample_rate=SAMPLE_RATE),
        workers=TurnWorkers(),
    )
