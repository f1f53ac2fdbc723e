"""The next version of a prompt, which takes over the agents of the one it was made from."""

from django.db import transaction

from catalog.models import Agent, Prompt


def next_version(old: Prompt, text: str, note: str) -> Prompt:
    with transaction.atomic():
        versions = Prompt.objects.select_for_update().filter(name=old.name)
        # Two people who save at once get two versions: the rows are held until the commit.
        newest = max(versions.values_list("version", flat=True))
        new = Prompt.objects.create(name=old.name, version=newest + 1, text=text, note=note)
        for agent in Agent.objects.filter(prompt=old):
            agent.prompt = new
            agent.save()
    return new
