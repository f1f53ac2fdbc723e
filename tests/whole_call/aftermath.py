"""Asked after every whole-call test: is anything left of its calls?"""

import threading
import urllib.parse
import urllib.request
from typing import TYPE_CHECKING

from calls.call_log import call_log
from calls.live import live_calls
from rehearsal.caller import CallIdentity
from rehearsal.caller.callbacks import STATUS_PATH
from rehearsal.caller.webhooks import signature, status_form
from tests.whole_call.desk import at_the_desk
from tests.whole_call.residue import (
    Held,
    calls_without_an_end,
    hung_up_more_than_once,
    no_call_is_live,
    tasks_of_calls,
    until,
)

if TYPE_CHECKING:
    from tests.whole_call.rig import Rig


def assert_nothing_left(rig: "Rig") -> None:
    """Takes some ten milliseconds when nothing is left."""
    until(no_call_is_live, 15.0, lambda: f"live calls: {list(live_calls._sessions)}")
    rig.forget_tickets()
    until(lambda: not tasks(rig), 12.0, lambda: f"tasks of calls: {tasks(rig)}")
    traffic = rig.providers.backstage.traffic
    until(lambda: not traffic.open, 5.0, lambda: f"open at the providers: {traffic.open}")
    assert_every_call_ended_once(rig)
    until(
        lambda: Held.now().is_little_more_than(rig.held),
        5.0,
        lambda: f"{rig.held} became {Held.now()}: {threading.enumerate()}",
    )


def assert_every_call_ended_once(rig: "Rig") -> None:
    """One record for each call that rang, and at most one hang-up."""
    tell_what_twilio_would(rig)
    assert call_log.flush(10.0), "the call log did not write in time"
    rang = set(rig.witness.rang)
    without = at_the_desk(lambda: calls_without_an_end(rang)) if rang else []
    assert not without, f"these calls rang, and no record says how they ended: {without}"
    twice = [call_sid for call_sid, times in rig.endings.of.items() if times > 1]
    assert not twice, f"these calls ended more than once: {twice}"
    hung_up = hung_up_more_than_once(rig.providers.log)
    assert not hung_up, f"Twilio was told more than once to end these calls: {hung_up}"


def tell_what_twilio_would(rig: "Rig") -> None:
    """Twilio says of each call that it is over; a test with a bare socket may not have."""
    for call_sid in rig.witness.rang - rig.witness.told_over:
        identity = CallIdentity("+12025550100", "+12025550199", rig.target.account_sid, call_sid)
        url = rig.target.public_url(STATUS_PATH)
        form = status_form(identity, "completed", 1.0)
        headers = {"X-Twilio-Signature": signature(rig.target, url, form)}
        body = urllib.parse.urlencode(form).encode()
        request = urllib.request.Request(url, body, headers)
        urllib.request.urlopen(request, timeout=5.0).close()


def tasks(rig: "Rig") -> list[str]:
    return list(rig.server_thread.run(tasks_of_calls()))
