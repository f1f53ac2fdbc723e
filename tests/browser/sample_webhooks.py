"""Run as a module, in a site's environment: who is told of calls, and how the last ones went."""

# ruff: noqa: E402 (Models can be imported once Django is set up.)

from datetime import timedelta

import django

django.setup()

from calls.models import Call, DeliveryState, Webhook, WebhookDelivery

if __name__ == "__main__":
    practice = Webhook.objects.create(name="Practice software", url="https://example.org/calls")
    for number, call in enumerate(Call.objects.filter(ended_at__isnull=False)[:12]):
        assert call.ended_at is not None
        failed = number == 4
        delivery = WebhookDelivery.objects.create(
            webhook=practice,
            call=call,
            state=DeliveryState.GIVEN_UP if failed else DeliveryState.DELIVERED,
            attempts=8 if failed else 1,
            answer_status=503 if failed else 200,
            problem="The receiver answered 503." if failed else "",
            delivered_at=None if failed else call.ended_at + timedelta(seconds=9),
        )
        made = call.ended_at + timedelta(seconds=8)
        WebhookDelivery.objects.filter(pk=delivery.pk).update(created_at=made)
