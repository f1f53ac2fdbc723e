"""One request to the voice service: where it goes, how long it may take, when it is tried again."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from django.conf import settings

from catalog.speech import failures
from catalog.speech.errors import RefusedMidway, UnreadableAnswer

if TYPE_CHECKING:
    from cartesia import Cartesia

AnswerT = TypeVar("AnswerT")

DEADLINE_SECONDS = 20.0
CONNECT_SECONDS = 5.0
PAUSE_SECONDS = 0.5  # before the one retry
OFFLINE_KEY = "offline"  # what the offline providers are told; they check no key


def ask(task: str, job: Callable[["Cartesia"], AnswerT], deadline_seconds: float) -> AnswerT:
    """What `job` makes of the answer. `task` names it in the log.

    Raises SpeechError, at `deadline_seconds` at the latest: the SDK's own timeouts start anew with
    every byte that arrives, so the job has a thread that is left behind when its time is over.
    Closing the client ends whatever it still waits for.
    """
    # Imported here: 0.7 s and 45 MB that no process needs which only answers calls.
    import cartesia
    import httpx

    client = cartesia.Cartesia(
        api_key=settings.CARTESIA_API_KEY or OFFLINE_KEY,
        base_url="http" + settings.CARTESIA_BASE_URL.removeprefix("ws"),
        timeout=httpx.Timeout(deadline_seconds, connect=min(CONNECT_SECONDS, deadline_seconds)),
        max_retries=0,  # its retries sleep for up to a minute when the service asks for that
    )
    worker = ThreadPoolExecutor(1, thread_name_prefix="voice-service")
    give_up_at = time.monotonic() + deadline_seconds
    try:
        return worker.submit(_try_twice, client, job, give_up_at).result(deadline_seconds)
    except cartesia.APIStatusError as error:
        raise failures.refused(task, error.status_code, error.body) from error
    except RefusedMidway as error:
        raise failures.refused_midway(task, error) from error
    except UnreadableAnswer as error:
        raise failures.unreadable(task, error) from error
    except (cartesia.CartesiaError, httpx.HTTPError, TimeoutError) as error:
        raise failures.no_answer(task, error) from error
    finally:
        client.close()
        worker.shutdown(wait=False, cancel_futures=True)


def _try_twice(
    client: "Cartesia", job: Callable[["Cartesia"], AnswerT], give_up_at: float
) -> AnswerT:
    """Once more when the service could not be reached or failed before it began to answer.

    Not at its limit: a second request would only count against it too.
    """
    import cartesia

    try:
        return job(client)
    except (cartesia.InternalServerError, cartesia.APIConnectionError):
        if time.monotonic() + PAUSE_SECONDS >= give_up_at:
            raise
    time.sleep(PAUSE_SECONDS)
    return job(client)
