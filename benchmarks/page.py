"""benchmarks/results.md: each measurement keeps the section between its own two marks."""

from pathlib import Path

PAGE = Path(__file__).parent / "results.md"
HEAD = """# What was measured

Made by `make bench`. Times come from a shared machine: use ratios.
"""


def write_section(name: str, text: str) -> None:
    """Replace the section of this name, or add it at the end."""
    begins, ends = f"<!-- {name} -->\n", f"<!-- end of {name} -->\n"
    page = PAGE.read_text() if PAGE.exists() else HEAD
    section = f"{begins}{text.strip()}\n{ends}"
    if begins in page:
        before, rest = page.split(begins, 1)
        page = before + section + rest.split(ends, 1)[1]
    else:
        page = f"{page}\n{section}"
    PAGE.write_text(page)
