"""Supabase's REST dialect over rows in memory."""

import json

from aiohttp import web

from rehearsal.providers.backstage import BACKSTAGE
from rehearsal.providers.row_query import BadQuery, RowQuery, parse_query
from rehearsal.providers.tables import Row

PATH = "/rest/v1/{table}"
ONE_OBJECT = "application/vnd.pgrst.object+json"


def add_routes(router: web.UrlDispatcher) -> None:
    router.add_get(PATH, select)
    router.add_post(PATH, insert)
    router.add_patch(PATH, update)
    router.add_delete(PATH, delete)


async def select(request: web.Request) -> web.Response:
    return await _answer(request, "select")


async def insert(request: web.Request) -> web.Response:
    return await _answer(request, "insert")


async def update(request: web.Request) -> web.Response:
    return await _answer(request, "update")


async def delete(request: web.Request) -> web.Response:
    return await _answer(request, "delete")


async def _answer(request: web.Request, verb: str) -> web.Response:
    table = request.match_info["table"]
    rows = request.app[BACKSTAGE].tables.rows(table)
    if rows is None:
        return _error(404, "PGRST205", f"Could not find the table 'public.{table}'")
    try:
        query = parse_query(request.query.items(), rows)
        match verb:
            case "select":
                found = query.matching(rows)
                return _shown(request, query, query.page(found), 200, whole=len(found))
            case "insert":
                return _written(request, query, _insert(rows, await _rows(request)), 201)
            case "update":
                return _written(request, query, _update(rows, query, await _rows(request)), 200)
            case _:
                return _written(request, query, _delete(rows, query), 200)
    except BadQuery as error:
        return _error(400, error.code, str(error))


def _insert(rows: list[Row], new: list[Row]) -> list[Row]:
    rows.extend(new)
    return new


def _update(rows: list[Row], query: RowQuery, change: list[Row]) -> list[Row]:
    if len(change) != 1:
        raise BadQuery("An update is one JSON object.")
    found = query.matching(rows)
    for row in found:
        row.update(change[0])
    return found


def _delete(rows: list[Row], query: RowQuery) -> list[Row]:
    found = query.matching(rows)
    rows[:] = [row for row in rows if not any(row is gone for gone in found)]
    return found


async def _rows(request: web.Request) -> list[Row]:
    try:
        document = json.loads(await request.text())
    except ValueError:
        raise BadQuery("Empty or invalid json", code="PGRST102") from None
    rows = document if isinstance(document, list) else [document]
    if not all(isinstance(row, dict) for row in rows):
        raise BadQuery("A row is a JSON object.", code="PGRST102")
    return rows


def _written(request: web.Request, query: RowQuery, rows: list[Row], status: int) -> web.Response:
    if "return=representation" not in request.headers.get("Prefer", ""):
        return web.Response(status=201 if status == 201 else 204)
    return _shown(request, query, rows, status, whole=len(rows))


def _shown(
    request: web.Request, query: RowQuery, rows: list[Row], status: int, *, whole: int
) -> web.Response:
    shown = [query.columns_of(row) for row in rows]
    if ONE_OBJECT in request.headers.get("Accept", ""):
        if len(shown) != 1:
            message = "Cannot coerce the result to a single JSON object"
            return _error(406, "PGRST116", message, f"The result contains {len(shown)} rows")
        return web.json_response(shown[0], status=status, content_type=ONE_OBJECT)
    span = f"0-{len(shown) - 1}" if shown else "*"
    counted = "count=exact" in request.headers.get("Prefer", "")
    content_range = f"{span}/{whole if counted else '*'}"
    return web.json_response(shown, status=status, headers={"Content-Range": content_range})


def _error(status: int, code: str, message: str, details: str | None = None) -> web.Response:
    document = {"code": code, "message": message, "details": details, "hint": None}
    return web.json_response(document, status=status)
