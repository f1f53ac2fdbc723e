"""One request to Supabase, through its own client. Importing this takes 2 s: see supabase_clients.

What fails is a DirectoryError, whose text names nobody: an answer may quote a customer.
"""

import asyncio
from collections.abc import Awaitable
from typing import Any

import anyio
import httpx
from postgrest import APIError
from pydantic import ValidationError
from supabase import AsyncClient, AsyncClientOptions, create_async_client

from customers.errors import DirectoryError, Refused

TIMEOUT_SECONDS = 4.0  # of one request; whoever asks has a deadline of its own
KEPT_OPEN_SECONDS = 30.0  # a connection that nothing is asked on: a new one costs two round trips
# What is not given here is no limit.
MOST_CONNECTIONS, MOST_KEPT_OPEN = 100, 10
# SQLSTATE classes: the value is not of its type, or breaks a rule of its table.
OF_THE_VALUE = ("22", "23")
# No code is the gateway's refusal of a key; 42501 is what any key but the service role's gets.
OF_THE_KEY = {None, "401", "403", "42501", "PGRST301", "PGRST302", "PGRST303"}
CHECK_SETTINGS = (
    "Supabase cannot be used: check SUPABASE_URL, and that SUPABASE_KEY is the service role key."
)

_asked: set["asyncio.Task[Any]"] = set()


def new_client(url: str, key: str) -> AsyncClient:
    """Unconnected, so it can be made in any thread that runs no event loop."""
    if not (url.isascii() and key.isascii()):  # A quotation mark that was pasted with it.
        raise DirectoryError(CHECK_SETTINGS)
    # No retries: a caller who waits is told sooner that it did not work.
    options = AsyncClientOptions(
        auto_refresh_token=False,
        persist_session=False,
        postgrest_client_retry=False,
        httpx_client=httpx.AsyncClient(
            timeout=TIMEOUT_SECONDS,
            limits=httpx.Limits(
                max_connections=MOST_CONNECTIONS,
                max_keepalive_connections=MOST_KEPT_OPEN,
                keepalive_expiry=KEPT_OPEN_SECONDS,
            ),
            event_hooks={"response": [_refuse_silence]},
            trust_env=False,
        ),
    )
    try:
        return asyncio.run(create_async_client(url, key, options))
    except Exception as error:  # Its own exception for a malformed address or key is not exported.
        raise DirectoryError(CHECK_SETTINGS) from error


async def send(asked: Any) -> object:
    """The JSON of the answer, whatever it holds. `asked` is a request of the client's builder.

    Raises Refused for a value that the tables do not take, and DirectoryError.
    """
    try:
        answer = await _undisturbed(asked.execute())
    except APIError as error:
        raise _what_it_means(error.code) from None
    except (httpx.HTTPError, OSError, TimeoutError) as error:
        raise DirectoryError(
            f"Supabase did not answer ({type(error).__name__}). Is SUPABASE_URL right, and the "
            "project not paused?"
        ) from None
    except (ValidationError, ValueError, TypeError, RecursionError) as error:
        raise DirectoryError(
            f"Supabase's answer is no JSON ({type(error).__name__}). Is SUPABASE_URL right?"
        ) from None
    document: object = answer.data
    return document


async def _undisturbed(sent: Awaitable[Any]) -> Any:
    """Whoever waits may be cancelled, and the request may not.

    On a busy machine 130 connections and 73 requests that nobody waited for stood in the pool after
    700 calls. httpcore shields what it does with a connection from anyio's cancellation, not from
    asyncio's, which is taken for the cause: it was not seen in the act.
    """
    task = asyncio.create_task(_in_time(sent), name="ask Supabase")
    _asked.add(task)
    task.add_done_callback(_forget)
    await asyncio.wait([task])
    return task.result()


async def _in_time(sent: Awaitable[Any]) -> Any:
    with anyio.fail_after(TIMEOUT_SECONDS):
        return await sent


def _forget(task: "asyncio.Task[Any]") -> None:
    _asked.discard(task)
    if not task.cancelled():
        task.exception()  # Nobody may be there to read it.


async def _refuse_silence(response: httpx.Response) -> None:
    """The client takes an answer without a body for one without rows: for nobody of that number."""
    await response.aread()
    if response.is_success and not response.content.strip():
        raise httpx.DecodingError("an empty answer", request=response.request)


def _what_it_means(code: str | None) -> DirectoryError | Refused:
    if code in OF_THE_KEY:
        return DirectoryError(CHECK_SETTINGS)
    # SQLSTATE has five characters; 502, for one, is a status of HTTP.
    if len(code or "") == 5 and str(code).startswith(OF_THE_VALUE):
        return Refused("Supabase does not take this value.", code=str(code))
    return DirectoryError(
        f"Supabase answered with the error {code}: is the project up, and was docs/supabase.sql "
        "run there?"
    )
