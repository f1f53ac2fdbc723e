"""Every call that is over is told to each webhook: at least once, under one id, signed."""

import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from calls.aftercare import deliveries
from calls.aftercare.worker import work_off
from calls.models import Call, DeliveryState, Webhook, WebhookDelivery
from calls.settling import settle
from tests.calls.aftercare.receiver import Receiver, receiving
from tests.calls.records import make_call

pytestmark = pytest.mark.django_db(transaction=True)

SECRET = "a secret of the tests"


def told(receiver: Receiver, settings: Any, **changes: Any) -> Webhook:
    settings.TOOL_PRIVATE_HOSTS = frozenset({receiver.host})
    return Webhook.objects.create(name="Desk", url=receiver.url, secret=SECRET, **changes)


def a_call_is_over(**changes: Any) -> Call:
    call = make_call(ended_at=timezone.now() - timedelta(seconds=60), **changes)
    settle()
    return call


def send_what_is_due() -> WebhookDelivery:
    deliveries.enqueue_due()
    work_off()
    return WebhookDelivery.objects.get()


def later(**changes: Any) -> None:
    past = timezone.now() - timedelta(seconds=1)
    WebhookDelivery.objects.update(next_attempt_at=past, **changes)


def test_it_sends_a_signed_record_without_the_words(settings: Any) -> None:
    with receiving(204) as receiver:
        told(receiver, settings)
        call = a_call_is_over()
        delivery = send_what_is_due()
    assert (delivery.state, delivery.attempts, len(receiver.got)) == ("delivered", 1, 1)
    headers, body = receiver.got[0]
    at, signed = (part.split("=")[1] for part in headers["x-voiceagent-signature"].split(","))
    expected = hmac.new(SECRET.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    assert signed == expected
    document = json.loads(body)
    assert document["event"] == "call.ended"
    assert document["delivery"] == headers["x-voiceagent-delivery"] == str(delivery.delivery_id)
    assert document["call"]["call_sid"] == call.call_sid
    assert "toothache" not in json.dumps(document["call"]["tool_runs"])
    assert "transcript" not in document["call"]


def test_it_sends_the_words_to_who_is_to_have_them(settings: Any) -> None:
    with receiving(200) as receiver:
        told(receiver, settings, with_words=True)
        a_call_is_over()
        send_what_is_due()
    assert "toothache" in json.dumps(json.loads(receiver.got[0][1])["call"]["transcript"])


def test_it_sends_again_under_the_same_id_until_it_is_taken(settings: Any) -> None:
    with receiving(500, 302, 200) as receiver:
        told(receiver, settings)
        a_call_is_over()
        first = send_what_is_due()
        assert (first.state, first.problem) == ("waiting", "HTTP 500")
        assert first.next_attempt_at is not None
        assert 9 < (first.next_attempt_at - timezone.now()).total_seconds() < 13
        send_what_is_due()
        assert len(receiver.got) == 1, "sent before its time"
        for _attempt in range(2):
            later()
            send_what_is_due()
    assert WebhookDelivery.objects.get().state == DeliveryState.DELIVERED
    assert len({headers["x-voiceagent-delivery"] for headers, _body in receiver.got}) == 1
    assert len(receiver.got) == 3, "a redirect was followed"


def test_it_gives_up_at_once_when_the_address_is_gone(settings: Any) -> None:
    with receiving(410) as receiver:
        told(receiver, settings)
        a_call_is_over()
        assert send_what_is_due().state == DeliveryState.GIVEN_UP


def test_it_gives_up_after_the_last_attempt(settings: Any) -> None:
    with receiving(503) as receiver:
        told(receiver, settings)
        a_call_is_over()
        later(attempts=len(deliveries.WAITS))
        assert send_what_is_due().state == DeliveryState.GIVEN_UP


def test_whatever_fails_in_an_attempt_counts_as_one(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object, **_kwargs: object) -> bytes:
        raise OverflowError("port must be 0-65535")

    with receiving(200) as receiver:
        told(receiver, settings)
        a_call_is_over()
        monkeypatch.setattr(deliveries, "post", broken)
        first = send_what_is_due()
        assert (first.state, first.attempts, first.problem) == ("waiting", 1, "OverflowError")
        assert first.next_attempt_at is not None
        assert (first.next_attempt_at - timezone.now()).total_seconds() < 13
        later(attempts=len(deliveries.WAITS))
        assert send_what_is_due().state == DeliveryState.GIVEN_UP


def test_it_never_sends_to_a_private_address(settings: Any) -> None:
    with receiving(200) as receiver:
        told(receiver, settings)
        settings.TOOL_PRIVATE_HOSTS = frozenset()
        a_call_is_over()
        assert send_what_is_due().state == DeliveryState.WAITING
        assert receiver.got == []


def test_it_sends_one_attempt_once_though_two_tasks_were_made(settings: Any) -> None:
    with receiving(500) as receiver:
        told(receiver, settings)
        a_call_is_over()
        deliveries.enqueue_due()
        later()
        deliveries.enqueue_due()
        work_off()
    assert len(receiver.got) == 1


def test_it_sends_nothing_of_a_call_that_was_erased_meanwhile(settings: Any) -> None:
    with receiving(200) as receiver:
        told(receiver, settings)
        a_call_is_over()
        Call.objects.update(erased_at=timezone.now())
        assert send_what_is_due().state == DeliveryState.GIVEN_UP
    assert receiver.got == []


def test_it_tells_of_a_call_only_the_webhooks_of_its_agent(settings: Any) -> None:
    with receiving(200) as receiver:
        told(receiver, settings, agent_key=8)
        a_call_is_over(agent_key=7)
    assert not WebhookDelivery.objects.exists()


def summarised_late(summary: str = "Wanted a visit.") -> None:
    """The task of the summary, once it has come."""
    Call.objects.update(summary=summary)
    for call in Call.objects.all():
        deliveries.summary_came(call.call_sid)


def test_a_summary_that_comes_late_is_a_second_message(settings: Any) -> None:
    with receiving(204) as receiver:
        told(receiver, settings)
        a_call_is_over(summary="")
        first = send_what_is_due()
        assert first.state == DeliveryState.DELIVERED
        for _run_twice in range(2):
            summarised_late()
            second = send_what_is_due()
    assert second.state == DeliveryState.DELIVERED
    events = [json.loads(body)["event"] for _headers, body in receiver.got]
    assert events == ["call.ended", "call.summarised"]
    assert json.loads(receiver.got[1][1])["call"]["summary"] == "Wanted a visit."
    assert len(set(receiver.ids)) == 2
    assert receiver.ids[1] == json.loads(receiver.got[1][1])["delivery"]


def test_no_second_message_says_that_no_summary_came(settings: Any) -> None:
    with receiving(204) as receiver:
        told(receiver, settings)
        a_call_is_over(summary="")
        send_what_is_due()
        summarised_late("")
        send_what_is_due()
    assert len(receiver.got) == 1


def test_a_summary_that_comes_while_the_first_message_is_sent_is_not_lost(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiving(204) as receiver:
        told(receiver, settings)
        a_call_is_over(summary="")
        usual = deliveries.post

        def meanwhile(*message: Any) -> Any:
            summarised_late()
            return usual(*message)

        monkeypatch.setattr(deliveries, "post", meanwhile)
        send_what_is_due()
        monkeypatch.setattr(deliveries, "post", usual)
        send_what_is_due()
    events = [json.loads(body)["event"] for _headers, body in receiver.got]
    assert events == ["call.ended", "call.summarised"]


def test_what_is_not_sent_yet_is_sent_once_with_the_summary(settings: Any) -> None:
    with receiving(500, 204) as receiver:
        told(receiver, settings)
        a_call_is_over(summary="")
        send_what_is_due()
        summarised_late()
        later()
        send_what_is_due()
        send_what_is_due()
    documents = [json.loads(body) for _headers, body in receiver.got]
    assert [it["event"] for it in documents] == ["call.ended"] * 2
    assert [it["call"]["summary"] for it in documents] == [None, "Wanted a visit."]
