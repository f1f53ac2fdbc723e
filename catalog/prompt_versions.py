"""The next version of a prompt, which takes over the agents of the one it was made from."""

from django.db import transaction
from django.db.models import Max

from catalog.models import Agent, Prompt


def next_version(old: Prompt, text: str, note: str) -> Prompt:
    versions = Prompt.objects.filter(name=old.name)
    with transaction.atomic():
        # Two people who save at once take turns at the first row. The newest version is read by a
        # query of its own, after the turn has come: the locking one would not see the other's row.
        versions.select_for_update().order_by("version").first()
        newest = versions.aggregate(newest=Max("version"))["newest"]
        new = Prompt.objects.create(name=old.name, version=newest + 1, text=text, note=note)
        for agent in Agent.objects.filter(prompt=old):
            agent.prompt = new
            agent.save()
    return new
