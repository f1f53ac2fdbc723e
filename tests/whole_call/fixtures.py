"""The rig: one server and one set of providers for all whole-call tests."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test.utils import override_settings

from calls import warmup
from tests.migrated_rows import MigratedRows
from tests.whole_call.gullible_office import WHATSAPP_SENDER, GullibleOffice, gullible_office_of
from tests.whole_call.rig import (
    ACCOUNT_SID,
    AUTH_TOKEN,
    LoopThread,
    Rig,
    start_providers,
    start_server,
)


@pytest.fixture(scope="session")
def running_rig(migrated_rows: MigratedRows, django_db_blocker: Any) -> Iterator[Rig]:
    # Pipecat takes seconds to import, and this file is read in every run of any test.
    from calls.pipeline.providers import openai_client

    providers_thread, server_thread = LoopThread("providers"), LoopThread("server")
    providers = start_providers(providers_thread)
    offline = f"127.0.0.1:{providers.port}"
    with (
        django_db_blocker.unblock(),
        override_settings(
            TWILIO_ACCOUNT_SID=ACCOUNT_SID,
            TWILIO_AUTH_TOKEN=AUTH_TOKEN,
            TWILIO_API_BASE_URL=f"http://{offline}",
            OPENAI_BASE_URL=f"http://{offline}/v1",
            CARTESIA_BASE_URL=f"ws://{offline}",
            MAX_CONCURRENT_CALLS=60,
            # The same silence for everybody; the smart model has a test of its own.
            TURN_DETECTION="silence",
        ),
    ):
        openai_client.cache_clear()  # One built before knows another address.
        warmup.warm_now()
        server, witness, base_url = start_server(server_thread)
        with override_settings(PUBLIC_BASE_URL=base_url):
            loop = providers_thread.loop
            yield Rig(base_url, providers, server_thread, loop, migrated_rows, witness)
        warmup.stop()
        server.should_exit = True
        providers_thread.run(providers.close())
    server_thread.stop()
    providers_thread.stop()


@pytest.fixture
def rig(running_rig: Rig) -> Iterator[Rig]:
    running_rig.reset()
    yield running_rig
    running_rig.assert_nothing_left()


@pytest.fixture
def gullible_office(rig: Rig) -> Iterator[GullibleOffice]:
    with (
        override_settings(TWILIO_WHATSAPP_FROM=WHATSAPP_SENDER),
        gullible_office_of(rig) as office,
    ):
        yield office
