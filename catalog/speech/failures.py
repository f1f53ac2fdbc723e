"""What staff are told, and what the log keeps, when the voice service fails."""

import logging

from django.conf import settings
from django.utils.translation import gettext as _

from catalog.speech.errors import RefusedMidway, SpeechError, UnreadableAnswer

logger = logging.getLogger(__name__)


def refused(task: str, status_code: int, body: object) -> SpeechError:
    """The service said no. Its own message is not logged: it may quote what was sent."""
    document = body if isinstance(body, dict) else {}
    _log_refusal(task, status_code, document.get("error_code"), document.get("request_id"))
    return SpeechError(_sentence_for(status_code))


def refused_midway(task: str, error: RefusedMidway) -> SpeechError:
    _log_refusal(task, error.status_code, error.error_code, error.request_id)
    return SpeechError(_sentence_for(error.status_code))


def no_answer(task: str, error: Exception) -> SpeechError:
    hint = (
        "" if settings.CARTESIA_API_KEY else " Without CARTESIA_API_KEY, run `manage.py providers`."
    )
    logger.warning(
        "Voice service, %s: no answer from %s.%s",
        task,
        settings.CARTESIA_BASE_URL,
        hint,
        exc_info=error,
    )
    return SpeechError(
        _(
            "The voice service did not answer. Try again in a minute. If it goes on, "
            "tell whoever looks after this system."
        ),
    )


def unreadable(task: str, error: UnreadableAnswer) -> SpeechError:
    logger.error("Voice service, %s: its answer cannot be read.", task, exc_info=error)
    return SpeechError(
        _(
            "The voice service sent only a part of its answer, or one that makes no sense. "
            "Try again. If it goes on, tell whoever looks after this system."
        ),
    )


def _log_refusal(task: str, status_code: int, error_code: object, request_id: object) -> None:
    logger.warning(
        "Voice service, %s: refused with %s, error code %.60s, request %.120s.",
        task,
        status_code,
        error_code,
        request_id,
    )


def _sentence_for(status_code: int) -> str:
    match status_code:
        case 401 | 403:
            return _(
                "The voice service refused the key. "
                "Ask whoever looks after this system to check it (CARTESIA_API_KEY)."
            )
        case 402:
            return _(
                "The voice service wants to be paid first: its credit is used up. "
                "Tell whoever looks after this system."
            )
        case 404:
            return _(
                "The voice service does not know the voice or the model it was asked for. "
                "Choose another voice, or tell whoever looks after this system."
            )
        case 429:
            return _("The voice service is over its limit. Try again in a minute.")
        case status if status == 408 or status >= 500:
            return _("The voice service has trouble of its own. Try again in a minute.")
    return _(
        "The voice service did not accept this. Check the voice and the language, "
        "and try again with a shorter text or recording."
    )
