"""What one server's editors change is what callers of the other hear."""

import logging
import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from rehearsal.caller import HangUp, Hear, Pause, Speak, WaitForAgent
from rehearsal.caller.script import Step
from tests.browser.speech import mp3
from tests.browser.telephone import HeardCall, call
from tests.cluster.staff import Editor
from tests.cluster.two_servers import TwoServers
from tests.servers.running_server import RunningServer

logger = logging.getLogger(__name__)

HEARD_WITHIN_SECONDS = 2.0
ENOUGH_BYTES = 2_400  # 0.3 s of a greeting tell it from any other
LISTEN: tuple[Step, ...] = (Hear(0.4), HangUp())
# Begins with the old greeting, and asks something when the new one has been published.
TALK: tuple[Step, ...] = (
    WaitForAgent("finished"),
    Pause(5_000),
    Speak("ask-hours"),
    WaitForAgent("started"),
    HangUp(),
)


@pytest.fixture
def editor(cluster: TwoServers) -> Iterator[Editor]:
    """At server A."""
    editor = Editor(cluster.a)
    yield editor
    editor.close()


def publish(editor: Editor, cluster: TwoServers, clip: str, version: int) -> float:
    """Press the button on the clip's page. The moment its answer is there, monotonic seconds."""
    [(recording, pk)] = cluster.sql(
        "SELECT it.id, clip.id FROM catalog_recording it JOIN catalog_clip clip "
        "ON clip.id = it.clip_id WHERE clip.name = %s AND it.version = %s",
        clip,
        version,
    )
    return editor.press(
        f"/admin/catalog/clip/{pk}/change/", f"/admin/catalog/clip/recordings/{recording}/publish"
    ).at


def seconds_until_heard(
    server: RunningServer, folder: Path, clip: bytes, published_at: float
) -> float:
    """From the form's answer to the moment the first call that hears the clip is placed.

    A new call every 0.1 s, whether or not those before have ended.
    """

    def one_call() -> tuple[float, bool]:
        began = time.monotonic()
        return began, begins_with(call(server.target, folder, *LISTEN), clip)

    with ThreadPoolExecutor(12, thread_name_prefix="callers") as callers:
        placed: list[Future[tuple[float, bool]]] = []
        while not any(it.done() and it.result()[1] for it in placed):
            assert time.monotonic() < published_at + 10.0, "no call hears it"
            placed.append(callers.submit(one_call))
            time.sleep(0.1)
    heard = [began for began, is_new in (it.result() for it in placed) if is_new]
    return min(heard) - published_at


def begins_with(heard: HeardCall, clip: bytes) -> bool:
    return heard.has_exactly(clip[:ENOUGH_BYTES])


def greeting_clip(cluster: TwoServers) -> str:
    [(name,)] = cluster.sql(
        "SELECT clip.name FROM catalog_agent agent JOIN catalog_clip clip "
        "ON clip.id = agent.greeting_clip_id WHERE agent.is_default"
    )
    return str(name)


def test_an_edit_at_one_server_is_heard_through_the_other_within_two_seconds(
    cluster: TwoServers, editor: Editor, tmp_path: Path
) -> None:
    name = greeting_clip(cluster)
    old, old_words = cluster.published(name)
    old_revision = cluster.newest_revision()
    editor.upload_version(cluster.clip(name), name, mp3(), "It was the best of times.")
    took = []
    with ThreadPoolExecutor(1) as telephone:
        in_progress = telephone.submit(call, cluster.b.target, tmp_path, *TALK)
        time.sleep(1.5)  # in the middle of its greeting
        for version in (2, 1, 2):
            published_at = publish(editor, cluster, name, version)
            sound, words = cluster.published(name)
            took.append(seconds_until_heard(cluster.b, tmp_path, sound, published_at))
        talked = in_progress.result(60.0)
    logger.info("Seconds from published at A to heard through B: %s", [round(it, 2) for it in took])
    assert max(took) < HEARD_WITHIN_SECONDS
    assert talked.has_exactly(old), "to its end, although another one was published meanwhile"
    [conversation] = cluster.conversations()
    assert ("assistant", old_words) in conversation
    assert words not in str(conversation)
    record = cluster.installation.record(talked.report.call_sid)
    assert record["revision"] == old_revision < cluster.newest_revision()


def test_a_server_that_is_stopped_leaves_the_list(cluster: TwoServers, editor: Editor) -> None:
    with cluster.third() as third:
        wait_until(lambda: str(third.process.pid) in editor.serving_line())
        os.killpg(third.process.pid, signal.SIGTERM)
        third.process.wait(20.0)
    assert str(third.process.pid) not in editor.serving_line()
    assert str(cluster.b.process.pid) in editor.serving_line()


def test_a_revision_that_cannot_be_used_is_told_and_the_last_good_one_served(
    cluster: TwoServers, editor: Editor, tmp_path: Path
) -> None:
    name = greeting_clip(cluster)
    good, _words = cluster.published(name)
    good_revision = cluster.newest_revision()
    wait_until(lambda: "va-serving-live" in editor.serving_line())
    cluster.lose_published_recording(name)
    editor.change_tool(cluster.tool("end_call"), "full")
    wait_until(lambda: editor.serving_line().count("still answers calls from revision") == 2)
    told = re.sub(r"<[^>]+>|\s+", " ", editor.serving_line())
    assert f"({cluster.b.process.pid}) still answers calls from revision {good_revision}" in told
    assert "The clip “Default greeting” has no recording." in told
    assert begins_with(call(cluster.b.target, tmp_path, *LISTEN), good)
    publish(editor, cluster, name, 1)
    wait_until(lambda: "va-serving-live" in editor.serving_line())


def wait_until(holds: Callable[[], bool], timeout_seconds: float = 15.0) -> None:
    deadline = time.monotonic() + timeout_seconds
    while not holds():
        assert time.monotonic() < deadline, "that did not happen in time"
        time.sleep(0.2)
