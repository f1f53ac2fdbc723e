"""A browser, customers to look at, and the directories that hold some."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.test import Client

from customers.directory import CustomerDirectory, get_directory
from customers.models import Customer
from rehearsal.providers.server import build_application
from tests.customers.directories import Storage, local_storage, supabase_storage
from tests.customers.postgrest import application
from tests.customers.rehearsed import rehearsed_storage
from tests.customers.served import Served, served
from tests.customers.supabase_database import empty, supabase_database
from tests.prerequisites import need_postgres
from tests.rehearsal.providers_rig import QUIET


@pytest.fixture
def alice(db: None, client: Client) -> Client:
    """The browser of Alice, who may do everything."""
    client.force_login(User.objects.create_superuser("alice"))
    return client


@pytest.fixture
def ana(db: None) -> Customer:
    return Customer.objects.create(name="Ana", phone="+351200000011")


@pytest.fixture
def bea(db: None) -> Customer:
    return Customer.objects.create(name="Bea", phone="+351200000012")


@pytest.fixture(autouse=True)
def each_test_chooses_its_directory() -> Iterator[None]:
    """A process has one directory, by its settings; a test may change these."""
    get_directory.cache_clear()
    yield
    get_directory.cache_clear()


@pytest.fixture(scope="session")
def full_database() -> Iterator[str]:
    """The address of a PostgreSQL database that docs/supabase.sql was run in."""
    need_postgres()
    with supabase_database() as address:
        yield address


@pytest.fixture(scope="session")
def supabase_server(full_database: str) -> Iterator[Served]:
    with served(application(full_database)) as server:
        yield server


@pytest.fixture(scope="session")
def providers_server() -> Iterator[Served]:
    """The offline providers, as `manage.py providers` serves them."""
    with served(build_application(QUIET)) as server:
        yield server


@pytest.fixture
def database(full_database: str) -> str:
    """The same, with no rows."""
    empty(full_database)
    return full_database


# The local directory asks from threads of its own, which see what is committed.
LOCAL = pytest.param("local", marks=pytest.mark.django_db(transaction=True))


@pytest.fixture(params=[LOCAL, "supabase", "rehearsal"])
def storage(request: pytest.FixtureRequest) -> Iterator[Storage]:
    """Each test that asks for it runs here, in Supabase, and in Supabase's stand-in."""
    if request.param == "local":
        with local_storage() as here:
            yield here
        return
    if request.param == "rehearsal":
        with rehearsed_storage(request.getfixturevalue("providers_server").url) as rehearsed:
            yield rehearsed
        return
    address = request.getfixturevalue("database")
    with supabase_storage(request.getfixturevalue("supabase_server").url, address) as there:
        yield there


@pytest.fixture
def directory(storage: Storage) -> CustomerDirectory:
    return storage.directory
