"""Who may import whom, who reads the environment, who writes call rows; and how large things get.

Each rule names the files that break it.
"""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("calls", "catalog", "customers", "rehearsal", "staff", "voiceagent")
# The longest name that fits decides: what a package may import of the other packages.
MAY_IMPORT = {
    "calls": {"catalog", "customers"},
    "calls.admin": {"catalog", "customers", "staff"},
    "calls.live_page": {"catalog", "customers", "staff"},
    "catalog": set(),
    "catalog.tools": {"customers"},
    "customers": set(),
    "customers.admin": {"staff"},
    "rehearsal": set(),
    "staff": {"catalog"},
    "voiceagent": {"calls", "catalog", "customers", "rehearsal", "staff"},
}
PURE = (
    "calls/media_streams.py",
    "calls/twiml.py",
    "calls/timing.py",
    "calls/happenings.py",
    "calls/prompting.py",
    "catalog/mulaw.py",
    "customers/records.py",
)
MOST_LINES = 250
MOST_LINES_OF_SETTINGS = 300
MOST_LINES_OF_A_FUNCTION = 40
NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "helper", "manager", "common", "misc"}
MODELS = {"Call", "Utterance", "ToolRun", "CallEvent"}
WRITES = {
    "create",
    "get_or_create",
    "update_or_create",
    "bulk_create",
    "bulk_update",
    "update",
    "delete",
}


def product_files() -> Iterator[Path]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path.relative_to(ROOT)


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text())


def imports(path: Path) -> Iterator[str]:
    """Every module that the file imports, wherever in it, also for type checking alone."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: write the whole name of what you import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_within(module: str, *packages: str) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def breaking(found: Iterator[str]) -> None:
    broken = list(found)
    assert broken == [], "\n" + "\n".join(broken)


def test_each_package_imports_only_what_it_may() -> None:
    def broken() -> Iterator[str]:
        for path in product_files():
            module = ".".join(path.with_suffix("").parts)
            rule = max((name for name in MAY_IMPORT if is_within(module, name)), key=len)
            allowed = {path.parts[0], *MAY_IMPORT[rule]}
            for imported in imports(path):
                if is_within(imported, *PACKAGES) and not is_within(imported, *allowed):
                    yield f"{path} imports {imported}"

    breaking(broken())


def test_only_the_pipeline_imports_pipecat() -> None:
    breaking(
        f"{path} imports {imported}"
        for path in product_files()
        for imported in imports(path)
        if is_within(imported, "pipecat") and path.parts[:2] != ("calls", "pipeline")
    )


def test_the_application_is_loaded_without_pipecat() -> None:
    """It takes seconds to import: warm-up does so, and no process that only shows the admin."""
    program = (
        "import sys, voiceagent.asgi\n"
        "print([name for name in sys.modules if name.split('.')[0] == 'pipecat'])"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "SERVES_CALLS": "false"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert loaded.stdout.strip() == "[]"


@pytest.mark.parametrize("path", PURE)
def test_pure_modules_import_neither_django_nor_asyncio_nor_pipecat(path: str) -> None:
    breaking(
        f"{path} imports {imported}"
        for imported in imports(Path(path))
        if is_within(imported, "django", "channels", "asyncio", "threading", "pipecat")
    )


# asgi.py tells the settings what kind of process this is; the demo starts others like itself.
TOUCH_THE_ENVIRONMENT = {Path("voiceagent/asgi.py"), Path("rehearsal/demo/processes.py")}


def test_only_the_settings_read_the_environment() -> None:
    def broken() -> Iterator[str]:
        for path in product_files():
            if path == Path("voiceagent/env.py") or path in TOUCH_THE_ENVIRONMENT:
                continue
            for node in ast.walk(parsed(path)):
                if isinstance(node, ast.Attribute | ast.Name) and ast.unparse(node) in {
                    "os.environ",
                    "os.getenv",
                    "environ",
                    "getenv",
                }:
                    yield f"{path}:{node.lineno} reads the environment"

    breaking(broken())


WRITE_CALL_ROWS = {Path(f"calls/call_rows{part}.py") for part in ("", "_erasure", "_timings")}


def test_only_the_call_log_writes_call_rows() -> None:
    def broken() -> Iterator[str]:
        for path in product_files():
            if path in WRITE_CALL_ROWS:
                continue
            for node in ast.walk(parsed(path)):
                if isinstance(node, ast.Call) and _writes_a_call_row(path, node):
                    yield f"{path}:{node.lineno} writes: {ast.unparse(node)[:60]}"

    breaking(broken())


def _writes_a_call_row(path: Path, node: ast.Call) -> bool:
    called = ast.unparse(node.func)
    name = called.rpartition(".")[2]
    if called in MODELS:
        return True
    if name in WRITES and any(f"{model}.objects" in called for model in MODELS):
        return True
    if path in NO_ROWS_ARE_SAVED:
        return False
    return path.parts[0] == "calls" and name in {"save", "asave"}


# A storage takes files, and a delivery is no part of a call.
NO_ROWS_ARE_SAVED = {Path("calls/recording/shelf.py"), Path("calls/aftercare/deliveries.py")}


def test_no_file_is_longer_than_a_reader_can_hold() -> None:
    def broken() -> Iterator[str]:
        for path in product_files():
            most = MOST_LINES_OF_SETTINGS if path.name == "settings.py" else MOST_LINES
            lines = len((ROOT / path).read_text().splitlines())
            if lines > most:
                yield f"{path} has {lines} lines, of {most}"

    breaking(broken())


def test_no_function_is_longer_than_a_screen() -> None:
    def broken() -> Iterator[str]:
        for path in product_files():
            for node in ast.walk(parsed(path)):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    lines = (node.end_lineno or 0) - node.lineno + 1
                    if lines > MOST_LINES_OF_A_FUNCTION:
                        yield f"{path}: {node.name} has {lines} lines"

    breaking(broken())


def test_every_module_says_in_a_sentence_what_it_is_for() -> None:
    breaking(
        f"{path} has no docstring"
        for path in product_files()
        if parsed(path).body and not ast.get_docstring(parsed(path))
    )


def test_no_name_says_nothing() -> None:
    breaking(
        str(path)
        for path in product_files()
        if NAMES_THAT_SAY_NOTHING & {*path.parts[:-1], path.stem}
    )


def test_the_rules_see_the_product() -> None:
    found = set(product_files())
    assert {Path("calls/session.py"), Path("catalog/tools/clock.py"), *map(Path, PURE)} <= found
    assert "calls.auth.webhook_is_signed" in set(imports(Path("calls/views.py")))
