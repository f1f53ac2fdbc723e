"""Which calls are on this page of the list, and how many are there? One search answers both.

A list would else be searched twice, once to be counted; and all of what is joined to show fifty
calls would be joined for each that was found. The keys alone take half the time.
"""

from collections.abc import Sequence
from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.core.paginator import InvalidPage, Page, Paginator
from django.http import HttpRequest
from django.utils.functional import cached_property
from unfold.views import ChangeList

from calls.models import Call

MOST_COUNTED = 10_000


class CallPages(Paginator):  # type: ignore[type-arg]
    """What lies beyond the bound is not paged to: a narrower list finds it."""

    @cached_property
    def _keys(self) -> Sequence[int]:
        calls: Any = self.object_list
        return list(calls.values_list("pk", flat=True)[: MOST_COUNTED + 1])

    @cached_property
    def count(self) -> int:
        return min(len(self._keys), MOST_COUNTED)

    @property
    def there_are_more(self) -> bool:
        return len(self._keys) > MOST_COUNTED

    def page(self, number: int | str) -> "Page[Call]":
        number = self.validate_number(number)
        first = (number - 1) * self.per_page
        keys = self._keys[first : min(first + self.per_page, self.count)]
        found = Call.objects.select_related("review").in_bulk(keys)
        return Page([found[key] for key in keys if key in found], number, self)


class CallList(ChangeList):
    """Django asks anew for a list of one page."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        try:
            self.result_list = self.paginator.page(self.page_num).object_list
        except InvalidPage as error:
            raise IncorrectLookupParameters from error
