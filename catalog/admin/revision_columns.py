"""What the list of revisions says of each: its number, is it live, and the way back to it."""

from functools import cached_property

from django.template.loader import render_to_string
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from catalog.models import CatalogRevision
from catalog.serving import Serving, serving


class RevisionColumns:
    """Of one request: who may roll back, and which processes are where, is asked once for all."""

    def __init__(self, *, may_roll_back: bool) -> None:
        self._may_roll_back = may_roll_back

    @cached_property
    def _serving(self) -> Serving:
        return serving()

    @display(description=_("revision"), ordering="pk")
    def number(self, revision: CatalogRevision) -> str:
        return str(revision)

    @display(description=_("what happened"))
    def happened(self, revision: CatalogRevision) -> str:
        return revision.cause or "–"

    @display(description=_("who"), ordering="author_name")
    def author(self, revision: CatalogRevision) -> str:
        return revision.author_name or "–"

    @display(description=_("state"), label={"live": "success", "newest": "warning", "used": "info"})
    def state(self, revision: CatalogRevision) -> tuple[str, str] | str:
        on_it = len(self._serving.on(revision.pk))
        if revision.pk == self._serving.newest:
            if on_it and not self._serving.behind:
                return "live", _now("Live")
            return "newest", _now("Newest: %(some)d of %(all)d processes have it") % {
                "some": on_it,
                "all": len(self._serving.processes),
            }
        if on_it:
            names = ", ".join(process.name for process in self._serving.on(revision.pk))
            return "used", _now("Still answers calls: %(processes)s") % {"processes": names}
        return ""

    @display(description=_("way back"))
    def way_back(self, revision: CatalogRevision) -> str:
        if not self._may_roll_back or revision.pk == self._serving.newest:
            return ""
        return render_to_string("catalog/roll_back_button.html", {"revision": revision})
