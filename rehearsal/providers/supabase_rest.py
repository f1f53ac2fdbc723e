"""Supabase's REST dialect over rows in memory. Its customer directory works here too."""

import json

from aiohttp import web

from rehearsal.providers.backstage import BACKSTAGE
from rehearsal.providers.row_query import BadQuery, RowQuery, parse_query
from rehearsal.providers.table_rules import Refused
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
    tables = request.app[BACKSTAGE].tables
    rows = tables.rows(table)
    if rows is None:
        return _error(404, "PGRST205", f"Could not find the table 'public.{table}'")
    try:
        query = parse_query(request.query.items(), rows, table)
        match verb:
            case "select":
                found = query.matching(rows)
                return _shown(request, query, query.page(found), 200, whole=len(found))
            case "insert":
                return _written(request, query, tables.insert(table, await _rows(request)), 201)
            case "update":
                change = _one(await _rows(request))
                found = query.matching(tables.rows(table) or [])
                return _written(request, query, tables.update(table, found, change), 200)
            case _:
                return _written(request, query, tables.delete(table, query.matching(rows)), 200)
    except BadQuery as error:
        return _error(400, error.code, str(error))
    except Refused as error:
        return _error(error.status, error.code, str(error))


def _one(change: list[Row]) -> Row:
    if len(change) != 1:
        raise BadQuery("An update is one JSON object.")
    return change[0]


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
