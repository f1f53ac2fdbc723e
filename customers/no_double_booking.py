"""The database's own rule against double booking, for migrations: SQLite or PostgreSQL.

Django rebuilds a table of SQLite to alter it, and drops its triggers with the old one: a migration
that alters customers_appointment has to call `make_rule` again. A test notices when it is gone.
"""

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor

SAYS = "customers_appointment_overlaps"
MISSPELLED = "customers_appointment_time_is_misspelled"
_TABLE = "customers_appointment"
# A column that an UPDATE does not name cannot begin to overlap.
_WHEN = ("INSERT", "UPDATE OF calendar, starts_at, ends_at, status")


def make_rule(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.vendor == "postgresql":
        editor.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
        editor.execute(
            f"ALTER TABLE {_TABLE} ADD CONSTRAINT {SAYS} EXCLUDE USING gist "
            "(calendar WITH =, tstzrange(starts_at, ends_at) WITH &&) WHERE (status = 'booked')"
        )
        # The constraint decides; this only makes those who ask at once take turns. Without it, one
        # in a hundred races of eight ended in deadlocks, which are not "taken" to anybody.
        editor.execute(
            f"CREATE OR REPLACE FUNCTION {SAYS}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "PERFORM pg_advisory_xact_lock(hashtextextended(NEW.calendar, 0)); RETURN NEW; "
            "END $$"
        )
        editor.execute(
            f"CREATE TRIGGER {SAYS} BEFORE INSERT OR UPDATE OF calendar, starts_at, ends_at, "
            f"status ON {_TABLE} FOR EACH ROW WHEN (NEW.status = 'booked') "
            f"EXECUTE FUNCTION {SAYS}()"
        )
        return
    for number, happening in enumerate(_WHEN):
        # Times are text in UTC, which sorts as time does. In another spelling, which only raw SQL
        # could bring, it would not: a T instead of the space is after every hour of the day.
        editor.execute(
            f"CREATE TRIGGER IF NOT EXISTS {MISSPELLED}_{number} BEFORE {happening} ON {_TABLE} "
            f"WHEN NOT ({_spelled('NEW.starts_at')} AND {_spelled('NEW.ends_at')}) "
            f"BEGIN SELECT RAISE(ABORT, '{MISSPELLED}'); END"
        )
        editor.execute(
            f"CREATE TRIGGER IF NOT EXISTS {SAYS}_{number} BEFORE {happening} ON {_TABLE} "
            "WHEN NEW.status = 'booked' AND EXISTS (SELECT 1 FROM "
            f"{_TABLE} it WHERE it.status = 'booked' AND it.id IS NOT NEW.id "
            "AND it.calendar = NEW.calendar "
            "AND it.starts_at < NEW.ends_at AND it.ends_at > NEW.starts_at) "
            f"BEGIN SELECT RAISE(ABORT, '{SAYS}'); END"
        )


def drop_rule(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.vendor == "postgresql":
        editor.execute(f"DROP TRIGGER IF EXISTS {SAYS} ON {_TABLE}")
        editor.execute(f"DROP FUNCTION IF EXISTS {SAYS}()")
        editor.execute(f"ALTER TABLE {_TABLE} DROP CONSTRAINT IF EXISTS {SAYS}")
        return
    for number in range(len(_WHEN)):
        editor.execute(f"DROP TRIGGER IF EXISTS {SAYS}_{number}")
        editor.execute(f"DROP TRIGGER IF EXISTS {MISSPELLED}_{number}")


def _spelled(column: str) -> str:
    """As Django writes it: 2026-12-01 10:00:00, with six digits more where they are not zero."""
    two = "[0-9]" * 2
    second = f"{two * 2}-{two}-{two} {two}:{two}:{two}"
    return f"({column} GLOB '{second}' OR {column} GLOB '{second}.{two * 3}')"
