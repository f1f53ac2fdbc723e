"""Run as a module, in the product's environment: one agent with the greeting and the prompt."""

import django


def set_up() -> None:
    django.setup()

    from django.core.management import call_command

    call_command("migrate", verbosity=0)

    from benchmarks.load import greeting
    from catalog.models import Agent, PromptVersion
    from catalog.publishing import publish
    from tests.catalog.factories import make_clip

    each_ms = greeting.SECONDS * 1_000 // len(greeting.WORDS)
    words = [
        {"word": word, "start_ms": each_ms * index, "end_ms": each_ms * (index + 1)}
        for index, word in enumerate(greeting.WORDS)
    ]
    clip = make_clip("Greeting", text=greeting.TEXT, mulaw=greeting.mulaw(), words=words)
    PromptVersion.objects.update(text=greeting.PROMPT)
    Agent.objects.filter(is_default=True).update(
        greeting_clip=clip,
        greeting_text=greeting.TEXT,
        silence_seconds=None,  # the other side asks nobody either whether they are still there
    )
    publish("Set up for a measurement")


if __name__ == "__main__":
    set_up()
