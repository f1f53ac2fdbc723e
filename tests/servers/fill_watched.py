"""Run as a module, in the watched server's environment: rows for every page, and who looks at them.

Prints what the test has to know, as JSON.
"""

import json
import sys

import django


def fill_in(receiver: str) -> dict[str, object]:
    django.setup()

    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.db import transaction
    from django_otp.plugins.otp_static.models import StaticToken
    from django_otp.plugins.otp_totp.models import TOTPDevice

    from calls.models import Webhook
    from catalog.models import Agent, HttpTool
    from catalog.publishing import publish
    from staff.second_factor import devices
    from tests.servers.canaries import PASSWORD
    from tests.staff.admin_pages import make_samples, pages

    call_command("migrate", verbosity=0)
    with transaction.atomic():  # As the writer of call rows has it.
        samples = make_samples()
    webhook = Webhook.objects.create(name="Receiver", url=receiver, with_words=True)
    HttpTool.objects.update(headers="Authorization: Bearer {TOOL_SECRET_CRM}")
    Agent.objects.filter(is_default=True).update(tools_at_start="full", tools_later="full")
    publish("As the test wants it")
    User.objects.create_superuser("boss", password=PASSWORD)
    careful = User.objects.create_user("careful", is_staff=True)
    devices.begin(careful)
    devices.finish(TOTPDevice.objects.get())
    return {
        "addresses": [samples.address(page) for page in sorted(pages())],
        "webhook": webhook.pk,
        "secrets": {
            "the webhook's secret": webhook.secret,
            "the key of an app": TOTPDevice.objects.get().key,
            "a backup code": StaticToken.objects.all()[0].token,
        },
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(fill_in(sys.argv[1])))
