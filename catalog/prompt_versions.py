"""The next version of a prompt."""

from django.db import transaction
from django.db.models import Max

from catalog.authorship import author_name
from catalog.models import Prompt, PromptVersion


def add_version(prompt: Prompt, text: str, note: str) -> PromptVersion:
    """A draft: agents are told it once it is published."""
    with transaction.atomic():
        # Two who save at once take turns at the prompt.
        Prompt.objects.select_for_update().get(pk=prompt.pk)
        newest = prompt.versions.aggregate(newest=Max("version"))["newest"] or 0
        return PromptVersion.objects.create(
            prompt=prompt, version=newest + 1, text=text, note=note, author_name=author_name()
        )
