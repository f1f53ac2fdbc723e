"""Run as a module, in an installation's environment: calls of one agent are over, and counted.

Arguments: the address of a webhook, its secret, and how many calls.
"""

import sys
from datetime import timedelta

import django


def calls_are_over(url: str, secret: str, count: int) -> None:
    django.setup()

    from django.db import transaction
    from django.utils import timezone

    from calls.models import Webhook
    from calls.settling import settle
    from catalog.models import Agent
    from tests.calls.records import make_call

    agent = Agent.objects.get(is_default=True)
    Webhook.objects.create(name=url, url=url, secret=secret)
    ended = timezone.now() - timedelta(seconds=60)
    with transaction.atomic():
        for number in range(1, count + 1):
            make_call(number, agent_key=agent.pk, ended_at=ended, summary="", details={})
    settle()


if __name__ == "__main__":
    calls_are_over(sys.argv[1], sys.argv[2], int(sys.argv[3]))
