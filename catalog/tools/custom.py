"""Tools in files of one's own: every *.py of CUSTOM_TOOLS_DIR, loaded once in each process.

A file that cannot be loaded costs only its own tools; its traceback is kept for whoever mends it.
"""

import importlib.util
import logging
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path

from catalog.tools.registry import all_tools, drop, origin_is
from catalog.tools.spec import Source

logger = logging.getLogger(__name__)

MODULES = "voiceagent_custom_tools"  # what the names of the files' modules begin with


@dataclass(frozen=True, slots=True)
class BrokenFile:
    """`name` as in the folder, `traceback` as Python writes it, from the file's own lines on."""

    name: str
    traceback: str


@dataclass(frozen=True, slots=True)
class CustomFiles:
    """`folder` is empty when none is set; `is_missing`, when there is none at that path."""

    folder: str = ""
    is_missing: bool = False
    broken: tuple[BrokenFile, ...] = ()


_loaded = CustomFiles()


def load(folder: str) -> CustomFiles:
    """Tools of an earlier load are forgotten first. Never raises, but for Ctrl-C."""
    global _loaded
    drop({spec.name for spec in all_tools() if spec.source is Source.CUSTOM})
    files: list[Path] = []
    is_missing = False
    try:
        # Not glob(): of a folder that cannot be read, that finds nothing and says nothing.
        files = sorted(
            path
            for path in (Path(folder).iterdir() if folder else ())
            if path.suffix == ".py" and not path.name.startswith(".")
        )
    except OSError as error:
        is_missing = True
        logger.warning("The custom tools cannot be read: %s.", error.strerror)
    broken = tuple(found for found in map(_load_file, files) if found is not None)
    _loaded = CustomFiles(folder, is_missing, broken)
    return _loaded


def custom_files() -> CustomFiles:
    """How it went when they were loaded."""
    return _loaded


def _load_file(path: Path) -> BrokenFile | None:
    name = f"{MODULES}.{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None  # it ends in .py
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # Type hints that are strings are looked up there.
    try:
        with origin_is(Source.CUSTOM, path.name):
            spec.loader.exec_module(module)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # A file can do anything, such as end the process.
        del sys.modules[name]
        logger.warning("The tool file %s is broken: %s.", path.name, type(error).__name__)
        return BrokenFile(path.name, _traceback(error, path))
    return None


def _traceback(error: BaseException, path: Path) -> str:
    """Without the frames of whoever loaded it."""
    frames = error.__traceback__
    while frames is not None and frames.tb_frame.f_code.co_filename != str(path):
        frames = frames.tb_next
    return "".join(traceback.format_exception(type(error), error, frames)).rstrip()
