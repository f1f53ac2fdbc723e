"""Tools in files of one's own: a broken file costs only itself, and says what is wrong with it."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks
from django.test import Client

from catalog.tools import custom
from catalog.tools.context import ToolError
from catalog.tools.custom import CustomFiles
from catalog.tools.registry import all_tools, lookup
from catalog.tools.spec import Source
from tests.catalog.studio import logged_in, reader

ROOT = Path(__file__).resolve().parents[2]
GOOD = '''
from catalog.stages import Stage
from catalog.tools.context import ToolContext, ToolOutcome
from catalog.tools.registry import tool

@tool(stage=Stage.FULL)
async def {name}(context: ToolContext) -> ToolOutcome:
    """It works."""
    return ToolOutcome(ok=True)
'''
BROKEN = {
    "syntax": ("def (:", "SyntaxError"),
    "missing": ("import no_such_module_of_anybody", "No module named 'no_such_module_of_anybody'"),
    "quits": ("import sys\nsys.exit(3)", "SystemExit: 3"),
    "fails": ("def inner():\n    return 1 / 0\n\ninner()", "line 2, in inner"),
    "taken": (GOOD.format(name="end_call"), "end_call is taken"),
    "untold": (GOOD.format(name="untold").replace('"""It works."""', "pass"), "no docstring"),
    "untyped": (GOOD.format(name="untyped").replace("context:", "c, d, context:"), "no type"),
    "half": (
        GOOD.format(name="half_done") + "\nraise RuntimeError('later')",
        "RuntimeError: later",
    ),
    "bytes": ("\0", "null bytes"),
}


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    yield
    custom.load("")


@pytest.fixture
def loaded(tmp_path: Path) -> Callable[..., CustomFiles]:
    def load(**files: str) -> CustomFiles:
        for name, text in files.items():
            (tmp_path / f"{name}.py").write_text(text)
        return custom.load(str(tmp_path))

    return load


def custom_names() -> set[str]:
    return {spec.name for spec in all_tools() if spec.source is Source.CUSTOM}


def test_every_file_of_the_folder_is_loaded(
    loaded: Callable[..., CustomFiles], tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("not a tool")
    (tmp_path / ".#lock.py").write_text("not a tool")
    assert loaded(a=GOOD.format(name="tool_a"), b=GOOD.format(name="tool_b")).broken == ()
    assert custom_names() == {"tool_a", "tool_b"}
    spec = lookup("tool_a")
    assert spec is not None and spec.origin == "a.py"


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_costs_only_itself_and_its_traceback_is_kept(
    loaded: Callable[..., CustomFiles], name: str
) -> None:
    text, said = BROKEN[name]
    built_in = {spec.name for spec in all_tools()}
    files = loaded(
        **{"a_good": GOOD.format(name="tool_a"), name: text, "z_good": GOOD.format(name="tool_z")}
    )
    (broken,) = files.broken
    assert broken.name == f"{name}.py" and said in broken.traceback
    assert "importlib" not in broken.traceback and "custom.py" not in broken.traceback
    assert custom_names() == {"tool_a", "tool_z"}
    assert built_in < {spec.name for spec in all_tools()}


def test_two_files_cannot_have_a_tool_of_the_same_name(loaded: Callable[..., CustomFiles]) -> None:
    files = loaded(a=GOOD.format(name="tool_a"), b=GOOD.format(name="tool_a"))
    assert [broken.name for broken in files.broken] == ["b.py"]
    assert custom_names() == {"tool_a"}


def test_loading_anew_forgets_what_is_gone(
    loaded: Callable[..., CustomFiles], tmp_path: Path
) -> None:
    loaded(a=GOOD.format(name="tool_a"), b=BROKEN["syntax"][0])
    (tmp_path / "a.py").unlink()
    assert loaded(b=GOOD.format(name="tool_b")).broken == ()
    assert custom_names() == {"tool_b"}


@pytest.mark.parametrize("is_file", [True, False])
def test_a_folder_that_is_none_is_said(tmp_path: Path, is_file: bool) -> None:
    folder = tmp_path / "tools"
    if is_file:
        folder.write_text("")
    assert custom.load(str(folder)).is_missing
    (warning,) = (m for m in run_checks(databases=[]) if str(m.id).startswith("catalog.W01"))
    assert warning.id == "catalog.W012" and str(folder) in warning.msg


def test_the_system_check_shows_the_traceback_and_where_the_file_is(
    loaded: Callable[..., CustomFiles], tmp_path: Path
) -> None:
    loaded(quits=BROKEN["quits"][0], good=GOOD.format(name="tool_a"))
    (warning,) = (m for m in run_checks(databases=[]) if m.id == "catalog.W011")
    assert "quits.py" in warning.msg and "SystemExit: 3" in warning.msg
    assert str(tmp_path) in str(warning.hint)


def test_the_list_of_tools_shows_the_traceback_to_whoever_may_see_tools(
    loaded: Callable[..., CustomFiles], db: None
) -> None:
    loaded(quits=BROKEN["quits"][0], script="raise ValueError('<script>alert(1)</script>')")
    page = reader().get("/admin/catalog/tool/").content.decode()
    for said in ("could not be loaded", "quits.py", "SystemExit: 3", "script.py"):
        assert said in page
    assert "<script>alert(1)" not in page
    stranger: Client = logged_in("sam", "view_clip")
    assert stranger.get("/admin/catalog/tool/").status_code == 403


def test_the_list_of_tools_says_nothing_when_nothing_is_broken(
    loaded: Callable[..., CustomFiles], db: None
) -> None:
    loaded(good=GOOD.format(name="tool_a"))
    page = reader().get("/admin/catalog/tool/").content.decode()
    assert "could not be loaded" not in page and "tool_a" in page


def test_a_process_starts_with_its_files_loaded_broken_ones_or_not(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(GOOD.format(name="tool_a"))
    (tmp_path / "b.py").write_text(BROKEN["quits"][0])
    checked = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env={**os.environ, "CUSTOM_TOOLS_DIR": str(tmp_path), "SERVES_CALLS": "false"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr
    assert "catalog.W011" in checked.stderr and "SystemExit: 3" in checked.stderr
    assert "tool_a" not in checked.stderr


async def test_the_example_of_the_documents_works(
    loaded: Callable[..., CustomFiles],
) -> None:
    files = loaded(example=(ROOT / "docs" / "custom_tool_example.py").read_text())
    assert files.broken == ()
    price, stay = lookup("price_of_treatment"), lookup("note_length_of_stay")
    assert price is not None and stay is not None
    nobody: Any = None
    arguments = price.check_arguments({"treatment": "cleaning", "people": 2})
    assert (await price.handler(nobody, **arguments)).data == {"total": 130, "currency": "EUR"}
    with pytest.raises(ToolError):
        await price.handler(nobody, **price.check_arguments({"treatment": "cleaning", "people": 0}))
    assert (await stay.handler(nobody, days=3)).ok
    assert not (await stay.handler(nobody, days=31)).ok
