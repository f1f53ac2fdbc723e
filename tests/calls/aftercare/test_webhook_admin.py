"""What supervisors set up and see of webhooks, in the pages of the admin."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from calls.aftercare import deliveries
from calls.models import DeliveryState, Webhook, WebhookDelivery
from staff.audit import HIDDEN
from staff.models import AuditEntry
from tests.calls.aftercare.receiver import Receiver, receiving
from tests.calls.records import make_call
from tests.staff.people import browser_of, hire

pytestmark = pytest.mark.django_db

WEBHOOKS = reverse("admin:calls_webhook_changelist")
DELIVERIES = reverse("admin:calls_webhookdelivery_changelist")
ADDRESS, SECRET = "https://example.org/calls", "a secret of the tests"


@pytest.fixture
def supervisor() -> Client:
    return browser_of(hire("S"))


def page_of(webhook: Webhook) -> str:
    return reverse("admin:calls_webhook_change", args=(webhook.pk,))


def saved(client: Client, page: str, **fields: str) -> Any:
    usual = {"name": "Desk", "url": ADDRESS, "secret": SECRET, "agent_key": "", "enabled": "on"}
    return client.post(page, usual | fields)


def delivered(receiver: Receiver, settings: Any) -> WebhookDelivery:
    settings.TOOL_PRIVATE_HOSTS = frozenset({receiver.host})
    webhook = Webhook.objects.create(name="Desk", url=receiver.url, secret=SECRET)
    row = WebhookDelivery.objects.create(
        webhook=webhook, call=make_call(), state=DeliveryState.GIVEN_UP, attempts=7
    )
    return row


def test_a_secret_is_shown_while_it_is_made_and_never_again(supervisor: Client) -> None:
    offered = supervisor.get(reverse("admin:calls_webhook_add")).content.decode()
    assert 'name="secret" value="' in offered
    saved(supervisor, reverse("admin:calls_webhook_add"))
    webhook = Webhook.objects.get()
    assert webhook.secret == SECRET
    for page in (page_of(webhook), WEBHOOKS):
        assert SECRET not in supervisor.get(page).content.decode()
    manager = browser_of(hire("M"))
    assert manager.get(page_of(webhook)).status_code == 403


def test_a_secret_stays_until_another_is_written(supervisor: Client) -> None:
    webhook = Webhook.objects.create(name="Desk", url=ADDRESS, secret=SECRET)
    saved(supervisor, page_of(webhook), secret="", name="Front desk")
    webhook.refresh_from_db()
    assert (webhook.name, webhook.secret) == ("Front desk", SECRET)
    saved(supervisor, page_of(webhook), secret="another secret of them")
    webhook.refresh_from_db()
    assert webhook.secret == "another secret of them"
    changes = [row.changes for row in AuditEntry.objects.all()]
    assert {"secret": [HIDDEN, HIDDEN]}.items() <= changes[0].items()
    assert SECRET not in str(changes) and "another secret" not in str(changes)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "http://example.org/",
        "ftp://example.org/",
        "https://",
        "x",
        "https://example.org:0/",
        "https://example.org:65536/",
        "http://127.0.0.1:99999/",
    ],
)
def test_an_address_that_nothing_could_be_sent_to_is_refused(
    url: str, supervisor: Client, settings: Any
) -> None:
    settings.TOOL_PRIVATE_HOSTS = frozenset({"127.0.0.1"})
    answer = saved(supervisor, reverse("admin:calls_webhook_add"), url=url)
    assert answer.status_code == 200 and "url" in answer.context["adminform"].form.errors
    assert not Webhook.objects.exists()


@pytest.mark.parametrize("secret", ["x", "fifteen letters", " " * 16])
def test_a_secret_that_is_easily_guessed_is_refused(secret: str, supervisor: Client) -> None:
    answer = saved(supervisor, reverse("admin:calls_webhook_add"), secret=secret)
    assert "secret" in answer.context["adminform"].form.errors
    assert not Webhook.objects.exists()


def test_a_test_to_a_port_that_cannot_be_says_so(supervisor: Client, settings: Any) -> None:
    settings.TOOL_PRIVATE_HOSTS = frozenset({"127.0.0.1"})
    webhook = Webhook.objects.create(name="Old", url="http://127.0.0.1:99999/", secret=SECRET)
    asked = {"action": "send_a_test", "_selected_action": [webhook.pk]}
    answer = supervisor.post(WEBHOOKS, asked, follow=True)
    assert answer.status_code == 200 and "Old did not take the test" in answer.content.decode()


@pytest.mark.parametrize(
    ("status", "said"),
    [(204, "Desk has taken the test."), (500, "Desk did not take the test: HTTP 500.")],
)
def test_a_test_is_sent_at_once_and_says_how_it_went(
    status: int, said: str, supervisor: Client, settings: Any
) -> None:
    with receiving(status) as receiver:
        webhook = delivered(receiver, settings).webhook
        asked = {"action": "send_a_test", "_selected_action": [webhook.pk]}
        answer = supervisor.post(WEBHOOKS, asked, follow=True)
    ((headers, body),) = receiver.got
    assert json.loads(body)["event"] == "test" and "call" not in json.loads(body)
    assert headers["x-voiceagent-signature"].startswith("t=")
    assert said in answer.content.decode()


def test_what_was_given_up_can_be_sent_again_and_it_is_written_down_who_did(
    supervisor: Client, settings: Any
) -> None:
    with receiving(204) as receiver:
        delivery = delivered(receiver, settings)
        asked = {"action": "send_again", "_selected_action": [delivery.pk]}
        supervisor.post(DELIVERIES, asked)
        assert deliveries.enqueue_due() == 1
        deliveries.attempt(str(delivery.delivery_id), 0)
    assert receiver.ids == [str(delivery.delivery_id)]
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == (DeliveryState.DELIVERED, 1)
    row = AuditEntry.objects.latest()
    assert (row.actor_name, row.object_pk) == ("supervisor", str(delivery.pk))
    assert row.changes == {"state": ["given-up", "waiting"]}


def test_who_may_only_look_at_deliveries_can_send_none_again(settings: Any) -> None:
    with receiving(204) as receiver:
        delivery = delivered(receiver, settings)
    manager = browser_of(hire("M"))
    before = AuditEntry.objects.count()
    asked = {"action": "send_again", "_selected_action": [delivery.pk]}
    manager.post(DELIVERIES, asked)
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.GIVEN_UP
    assert AuditEntry.objects.count() == before
    assert manager.get(DELIVERIES).status_code == 200


def test_a_webhook_is_deleted_with_its_log(supervisor: Client, settings: Any) -> None:
    with receiving(204) as receiver:
        webhook = delivered(receiver, settings).webhook
    page = reverse("admin:calls_webhook_delete", args=(webhook.pk,))
    supervisor.post(page, {"post": "yes"})
    assert not Webhook.objects.exists() and not WebhookDelivery.objects.exists()
    assert AuditEntry.objects.latest().object_repr == "Desk"


def test_a_summary_with_markup_is_shown_as_text(supervisor: Client) -> None:
    call = make_call(summary="<script>alert(1)</script>", details={"<b>": "<img src=x>"})
    page = supervisor.get(reverse("admin:calls_call_change", args=(call.pk,))).content.decode()
    assert "&lt;script&gt;alert(1)" in page and "&lt;img src=x&gt;" in page
    assert "<script>alert(1)" not in page and "<img src=x" not in page
