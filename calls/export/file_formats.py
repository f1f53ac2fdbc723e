"""How calls are written into a file: as a table for people, as JSON for programs."""

import csv
import io
import json
from collections.abc import Sequence
from typing import Protocol

from django.db.models import QuerySet

from calls.call_record import call_record
from calls.export.cells import COLUMNS, cells
from calls.masking import document_with_masked_numbers, masked
from calls.models import Call


class FileFormat(Protocol):
    name: str
    content_type: str
    batch_calls: int  # read from the database, and held, at once
    most_calls: int  # what a server on two busy cores writes in half of the minute that it has
    head: bytes
    tail: bytes
    broken_off: bytes  # in place of the tail: nobody may take a part for the whole

    def with_what_it_needs(self, calls: QuerySet[Call]) -> QuerySet[Call]: ...

    def written(self, calls: Sequence[Call], *, is_first: bool, with_numbers: bool) -> bytes: ...


class Csv:
    name = "csv"
    content_type = "text/csv; charset=utf-8"
    batch_calls = 500
    most_calls = 150_000
    # The first sign tells Excel that this is UTF-8.
    head = ("\ufeff" + ",".join(COLUMNS) + "\r\n").encode()
    tail = b""
    broken_off = b"INCOMPLETE: the export broke off here. Export fewer calls at once.\r\n"

    def with_what_it_needs(self, calls: QuerySet[Call]) -> QuerySet[Call]:
        return calls.select_related("review", "survey")

    def written(self, calls: Sequence[Call], *, is_first: bool, with_numbers: bool) -> bytes:
        lines = io.StringIO()
        writer = csv.writer(lines)
        writer.writerows(cells(call, with_numbers=with_numbers) for call in calls)
        return lines.getvalue().encode()


class Json:
    name = "json"
    content_type = "application/json"
    batch_calls = 100
    most_calls = 15_000
    head = b"["
    tail = b"\n]\n"
    broken_off = b"\n"  # A program that reads it sees that the array has no end.

    def with_what_it_needs(self, calls: QuerySet[Call]) -> QuerySet[Call]:
        return calls.prefetch_related("utterances", "tool_runs", "tool_offers")

    def written(self, calls: Sequence[Call], *, is_first: bool, with_numbers: bool) -> bytes:
        documents = [_document(call, with_numbers) for call in calls]
        text = ",\n".join(json.dumps(document, ensure_ascii=False) for document in documents)
        return f"{'' if is_first else ','}\n{text}".encode(errors="replace") if documents else b""


def _document(call: Call, with_numbers: bool) -> dict[str, object]:
    record: dict[str, object] = call_record(call)
    if not with_numbers:
        record = {name: document_with_masked_numbers(value) for name, value in record.items()}
    return {
        **record,
        "rang_at": call.created_at.isoformat(),
        "from": (call.from_number if with_numbers else masked(call.from_number)) or None,
        "to": call.to_number or None,
    }


FORMATS: dict[str, FileFormat] = {"csv": Csv(), "json": Json()}
