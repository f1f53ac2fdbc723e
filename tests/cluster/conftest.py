"""The two servers: one pair for the module that uses them."""

from collections.abc import Iterator

import pytest

from tests.cluster.two_servers import TwoServers, two_servers
from tests.prerequisites import need_postgres_and_redis


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoServers]:
    need_postgres_and_redis()
    with two_servers(tmp_path_factory.mktemp("cluster")) as cluster:
        yield cluster
