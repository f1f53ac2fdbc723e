"""Run as a module, in a soak's environment: a short greeting, and a colleague who takes calls."""

import django


def set_up() -> None:
    django.setup()

    from django.core.management import call_command

    call_command("migrate", verbosity=0)

    from catalog.models import Agent, PromptVersion
    from catalog.publishing import publish
    from tests.whole_call.rig import GREETING_TEXT, PROMPT, short_greeting

    PromptVersion.objects.update(text=PROMPT)
    Agent.objects.filter(is_default=True).update(
        greeting_clip=short_greeting(),
        greeting_text=GREETING_TEXT,
        transfer_number="+351200000009",
    )
    publish("Set up for a soak")


if __name__ == "__main__":
    set_up()
