"""Where screenshots are kept, and how small they are made."""

import io
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page

LARGEST_BYTES = 200_000


@dataclass(frozen=True, slots=True)
class Album:
    """What is below `tallest_px` of a page is left out."""

    folder: Path
    tallest_px: int

    def keep(self, page: Page, name: str) -> None:
        """The whole page: its window is made as high as what it shows, so that bars stay below."""
        size = page.viewport_size
        assert size is not None
        height = page.evaluate(
            "Math.max(...[...document.querySelectorAll('html, body, #main, main')]"
            ".map(it => it.scrollHeight))"
        )
        page.set_viewport_size({"width": size["width"], "height": min(height, self.tallest_px)})
        page.evaluate("document.activeElement.blur()")
        page.evaluate("document.fonts.ready.then(() => true)")
        data = small(page.screenshot(animations="disabled"))
        page.set_viewport_size(size)
        assert len(data) < LARGEST_BYTES, f"{name} has {len(data)} bytes"
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / f"{name}.png").write_bytes(data)


def small(png: bytes) -> bytes:
    """In 256 colours: a page of text has few."""
    with Image.open(io.BytesIO(png)) as image:
        rgb, by = (
            image.convert("RGB"),
            Image.Quantize.MAXCOVERAGE,
        )  # keeps rare colours, such as red
        colours = rgb.quantize(256, method=by, dither=Image.Dither.NONE)
    file = io.BytesIO()
    colours.save(file, "PNG", optimize=True)
    return file.getvalue()
