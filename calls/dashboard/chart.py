"""One chart of the dashboard: its words, its picture, and the numbers behind it."""

from dataclasses import dataclass

from django.utils.safestring import SafeString

from calls.dashboard import drawn
from calls.dashboard.grid import Grid
from calls.dashboard.pictures import Picture


@dataclass(frozen=True, slots=True)
class Legend:
    """What a colour stands for, and how much of it there was."""

    css: str
    name: str
    amount: str = ""
    link: str = ""  # to these calls in their list


@dataclass(frozen=True, slots=True)
class Chart:
    key: str  # of its CSV file
    title: str
    sentence: str  # what one is to see in it
    axes: str  # what the axes are
    legend: tuple[Legend, ...]
    picture: Picture | None  # None: there is nothing to draw
    grid: Grid
    table: Grid | None = None  # a small one that is always shown
    nothing: str = ""  # what is said instead of a picture

    # What the template asks for ------------------------------------------------------

    def bars(self) -> SafeString:
        return drawn.bars(self.picture.bars if self.picture else ())

    def curves(self) -> SafeString:
        return drawn.curves(self.picture.curves if self.picture else ())

    def grid_rows(self) -> SafeString:
        return drawn.rows(self.grid)

    def table_rows(self) -> SafeString:
        return drawn.rows(self.table) if self.table else SafeString("")
