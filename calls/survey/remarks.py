"""What else is said or written where a score was asked for? Pure."""

import re
from enum import Enum

from calls.survey.score import plainly, score_in, words

_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)*")

# Somebody who says one of these has something to say yet.
GOING_ON = words(
    "wait hold hang stop question questions more another also actually moment second minute help"
    " can could what when where who why how need want forgot"
    " espera espere aguarda aguarde momento segundo minuto pergunta perguntas duvida mais outra"
    " outro tambem ajuda pode podia posso quero queria preciso quando onde quem porque esqueci"
)  # fmt: skip
THINKING = words(
    "um uh er eh ah oh hm hmm well so let me think see ok okay yes yeah sure right"
    " bem bom pois ora deixa deixe ca ver pensar sim claro esta"
)
OPINION = words(
    "good great fine nice perfect excellent wonderful bad poor terrible awful thanks thank bye"
    " goodbye no nothing helpful"
    " boa otimo optimo otima optima excelente perfeito perfeita mau ma ruim pessimo pessima"
    " obrigado obrigada adeus tchau nao nada"
)
STOP = words("stop stopall unsubscribe cancel end quit parar pare sair cancelar remover")
SHORT_WORDS = 3
LONG_WORDS = 8
MOST_WORDS_OF_A_SCORE = 12


class Said(Enum):
    """What somebody who was asked for a score wants with their words."""

    SCORE = "score"
    REMARK = "remark"  # about the call, or a refusal: there is nothing more to come
    THINKING = "thinking"  # more is to come
    GOES_ON = "goes on"  # something else: the conversation is not over


def reading_of(text: str, language: str) -> tuple[Said, int | None]:
    """When in doubt they go on: to hang up on somebody is worse than to miss a score."""
    spoken = _WORD.findall(plainly(text))
    score = score_in(text, language)
    asks = "?" in text and len(spoken) > SHORT_WORDS
    if not spoken and score is None:
        return Said.THINKING, None
    if not GOING_ON.isdisjoint(spoken) or asks:
        return Said.GOES_ON, None
    if score is not None and len(spoken) <= MOST_WORDS_OF_A_SCORE:
        return Said.SCORE, score
    if THINKING.issuperset(spoken):
        return Said.THINKING, None
    opinion = not OPINION.isdisjoint(spoken)
    if "?" not in text and len(spoken) <= (LONG_WORDS if opinion else SHORT_WORDS):
        return Said.REMARK, None
    return Said.GOES_ON, None


def wants_no_more(text: str) -> bool:
    """The words by which one leaves a list on WhatsApp and by SMS, standing alone."""
    spoken = _WORD.findall(plainly(text))
    return 0 < len(spoken) <= SHORT_WORDS and spoken[0] in STOP
