"""A call that rang elsewhere is served from the revision it rang with, or says from which."""

import dataclasses
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from calls import adoption
from calls.adoption import adopt
from calls.happenings import Milestone
from calls.shared_ticket import SharedTicket
from catalog.snapshot_loading import SnapshotInvalid
from tests.calls.between import Between
from tests.calls.conftest import PostedHappenings
from tests.calls.samples import ACCOUNT_SID, CALL_SID, CALLER_NUMBER, catalog

SHARED = SharedTicket(CALL_SID, ACCOUNT_SID, CALLER_NUMBER, 1, 42, 0.0)


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This process works from revision 42, and knows no other."""

    def load(revision: int) -> Any:
        raise SnapshotInvalid("It is gone.")

    monkeypatch.setattr(adoption.catalog_warmup, "is_warm", lambda: True)
    monkeypatch.setattr(adoption.catalog_warmup, "current", catalog)
    monkeypatch.setattr(adoption, "load_snapshot", load)
    yield


def told(posted: PostedHappenings) -> list[tuple[str, str]]:
    return [(it.name, it.detail) for it in posted.of_type(Milestone) if isinstance(it, Milestone)]


async def test_the_agent_is_the_one_the_phone_rang_for(
    served: None, between: Between, posted: PostedHappenings
) -> None:
    ticket = await adopt(SHARED)
    assert ticket is not None
    assert (ticket.agent.agent_id, ticket.snapshot.revision) == (1, 42)
    assert told(posted) == [("taken over", "42")]
    ticket.prefetch.cancel()


async def test_an_older_revision_is_read_for_its_call(
    served: None, between: Between, posted: PostedHappenings, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = dataclasses.replace(catalog(), revision=41)
    monkeypatch.setattr(adoption, "load_snapshot", {41: older}.__getitem__)
    ticket = await adopt(dataclasses.replace(SHARED, revision=41))
    assert ticket is not None and ticket.snapshot is older
    assert told(posted) == [("taken over, catalog read anew", "41")]
    ticket.prefetch.cancel()


async def test_a_revision_that_takes_too_long_to_read_is_not_waited_for(
    served: None, between: Between, posted: PostedHappenings, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = threading.Event()
    monkeypatch.setattr(adoption, "LOADING_SECONDS", 0.05)
    monkeypatch.setattr(adoption, "load_snapshot", lambda revision: read.wait(10.0))
    ticket = await adopt(dataclasses.replace(SHARED, revision=41))
    read.set()
    assert ticket is not None and ticket.snapshot.revision == 42
    ticket.prefetch.cancel()


async def test_a_revision_that_is_not_at_hand_is_replaced_by_the_one_in_use(
    served: None, between: Between, posted: PostedHappenings
) -> None:
    ticket = await adopt(dataclasses.replace(SHARED, revision=41))
    assert ticket is not None
    assert ticket.snapshot.revision == 42
    assert told(posted) == [("taken over, another catalog", "41 → 42")]
    ticket.prefetch.cancel()


async def test_an_agent_nobody_knows_answers_no_call(served: None, between: Between) -> None:
    assert await adopt(dataclasses.replace(SHARED, agent_id=99)) is None
