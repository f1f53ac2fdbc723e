"""Every tool the code brings, by name: those built in, and those of CUSTOM_TOOLS_DIR."""

import asyncio
import functools
import inspect
import re
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from dataclasses import replace
from typing import Any, TypeVar

from catalog.stages import Stage
from catalog.tools.context import ToolOutcome
from catalog.tools.parameters import model_of, schema_of
from catalog.tools.spec import Handler, Needs, Source, ToolSpec

__all__ = ["ToolSpec", "all_tools", "drop", "lookup", "origin_is", "tool"]

AnyHandler = Callable[..., Awaitable[ToolOutcome] | ToolOutcome]
HandlerT = TypeVar("HandlerT", bound=AnyHandler)

THREADS = 16
NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")  # OpenAI refuses others
_registered: dict[str, ToolSpec] = {}
_by_alias: dict[str, str] = {}
_origin: ContextVar[tuple[Source, str]] = ContextVar("origin", default=(Source.BUILT_IN, ""))


def tool(
    *,
    stage: Stage,
    timeout_seconds: float = 5.0,
    changes_something: bool = False,
    may_repeat: bool = True,
    most_runs: int = 10,
    leaves_the_call: bool = False,
    needs: Needs | None = None,
    aliases: tuple[str, ...] = (),
) -> Callable[[HandlerT], HandlerT]:
    """Make `async def name(context: ToolContext, ...) -> ToolOutcome` a tool of that name.

    A plain `def` runs in a thread: use it for what would block the event loop. Raises ValueError
    for a name that is taken, TypeError for a parameter without a type.
    """

    def register(handler: HandlerT) -> HandlerT:
        spec = replace(
            _bare_spec(handler),
            timeout_seconds=timeout_seconds,
            changes_something=changes_something,
            may_repeat=may_repeat,
            most_runs=most_runs,
            leaves_the_call=leaves_the_call,
            needs=needs,
            aliases=aliases,
            default_stage=stage,
        )
        _add(spec)
        return handler

    return register


@contextmanager
def origin_is(source: Source, origin: str) -> Iterator[None]:
    """Tools registered within come from there; none of them stays when it raises."""
    token = _origin.set((source, origin))
    before = set(_registered)
    try:
        yield
    except BaseException:
        drop(set(_registered) - before)
        raise
    finally:
        _origin.reset(token)


def drop(names: set[str]) -> None:
    """Forget tools, such as those of a file that is loaded anew."""
    for name in names:
        _registered.pop(name, None)
    for alias, name in list(_by_alias.items()):
        if name in names:
            del _by_alias[alias]


def all_tools() -> tuple[ToolSpec, ...]:
    return tuple(sorted(_registered.values(), key=lambda spec: spec.name))


def lookup(name: str) -> ToolSpec | None:
    """By its name, or by another name it goes by."""
    return _registered.get(_by_alias.get(name, name))


def _bare_spec(handler: AnyHandler) -> ToolSpec:
    model = model_of(handler)
    source, origin = _origin.get()
    return ToolSpec(
        name=handler.__name__,
        description=_description(handler),
        parameters=schema_of(model),
        handler=_awaitable(handler),
        source=source,
        origin=origin,
        arguments_model=model,
    )


def _add(spec: ToolSpec) -> None:
    for name in (spec.name, *spec.aliases):
        if not NAME.fullmatch(name) or name in _registered or name in _by_alias:
            raise ValueError(f"The tool name {name} is taken or not of [a-z0-9_].")
    _registered[spec.name] = spec
    _by_alias.update(dict.fromkeys(spec.aliases, spec.name))


def _awaitable(handler: AnyHandler) -> Handler:
    if inspect.iscoroutinefunction(handler):
        return handler

    @functools.wraps(handler)
    async def in_a_thread(*args: Any, **kwargs: Any) -> ToolOutcome:
        context = copy_context()
        outcome: Any = await asyncio.get_running_loop().run_in_executor(
            _threads(), lambda: context.run(handler, *args, **kwargs)
        )
        return outcome  # type: ignore[no-any-return]

    return in_a_thread


@functools.cache
def _threads() -> ThreadPoolExecutor:
    """Of plain functions alone: one that hangs keeps its thread, and the loop's own threads look up
    the addresses of every provider.
    """
    return ThreadPoolExecutor(THREADS, thread_name_prefix="custom tools")


def _description(handler: AnyHandler) -> str:
    """The first paragraph of the docstring: it is all the model knows of the tool."""
    text = inspect.getdoc(handler) or ""
    if not text:
        raise ValueError(f"The tool {handler.__name__} has no docstring to describe it.")
    return " ".join(text.split("\n\n")[0].split())
