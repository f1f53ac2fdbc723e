"""Run as a module, in an installation's environment: somebody to be put through to."""

import django


def set_up() -> None:
    django.setup()

    from catalog.models import Agent
    from catalog.publishing import publish

    Agent.objects.filter(is_default=True).update(transfer_number="+351200000009")
    publish("Set up for a rehearsal")


if __name__ == "__main__":
    set_up()
