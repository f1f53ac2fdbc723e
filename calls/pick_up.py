"""How a call goes on over another stream: what is said first, and what the model is given."""

from calls.greeting import GreetingPlayback
from calls.line import CallLine
from calls.opening import Beginning, prepare_first_clips
from catalog.snapshot import AgentSpec, ClipAudio
from catalog.spoken_fallbacks import Moment, fallback


def begin_again(line: CallLine, spec: AgentSpec, beginning: Beginning) -> None:
    """Everything of the pipeline that was is put back; nothing is sent yet."""
    line.off.clear()
    line.ready.clear()
    line.not_understood.clear()
    line.reply_wait.is_over()
    line.words_came()
    if line.transcript.caller_speaks:  # Nobody will say any more that they have stopped.
        line.caller_stopped(0.0)
    line.tools.leaving = False
    line.announcement, line.greeting, line.greeting_protected = None, None, False
    if not line.so_far.entries:  # They have heard nothing yet: it is the beginning.
        prepare_first_clips(line, spec, beginning, None)
        return
    line.is_resumed = True
    line.greeting = GreetingPlayback(_first_words(line, spec, beginning), line.playout)


def _first_words(line: CallLine, spec: AgentSpec, beginning: Beginning) -> ClipAudio:
    """Nobody is greeted twice. Who called out of hours, and is not talked to, hears so again."""
    if beginning.first.end_call and beginning.first.clip is not None:
        return beginning.first.clip
    moment = Moment.BACK if line.so_far.owes_an_answer else Moment.GO_ON
    return fallback(moment, spec.language)
