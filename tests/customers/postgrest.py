"""Supabase as the customer directory sees it: PostgREST's dialect over a real PostgreSQL.

PostgREST itself is a program of another language. Here as there, the role comes from
the key, and PostgreSQL decides everything else. The statuses are its own:
https://docs.postgrest.org/en/stable/references/errors.html
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import psycopg
from aiohttp import web
from psycopg import sql

ANON_KEY, USER_KEY, SERVICE_KEY = "anon-key", "user-key", "service-key"
ROLES = {ANON_KEY: "anon", USER_KEY: "authenticated", SERVICE_KEY: "service_role"}
STATUS = {"23505": 409, "23503": 409, "42P01": 404}  # any other is 400
COMPARISONS = {"eq": "=", "neq": "<>", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
WORDS = {"select", "order", "columns", "limit", "offset"}

Query = sql.Composable


@dataclass(frozen=True)
class Asked:
    table: sql.Identifier
    columns: Query
    condition: Query
    order: Query


def application(database: str) -> web.Application:
    """`database` is its address, for a role that may take on the roles of Supabase."""

    async def answer(request: web.Request) -> web.Response:
        role = ROLES.get(request.headers.get("apikey", ""))
        if role is None:
            hint = "Double check your Supabase `anon` or `service_role` API key."
            return web.json_response({"message": "Invalid API key", "hint": hint}, status=401)
        return await _answer(database, role, request)

    made = web.Application()
    handler: Callable[[web.Request], Awaitable[web.StreamResponse]] = answer
    made.router.add_route("*", "/rest/v1/{table}", handler)
    return made


async def _answer(database: str, role: str, request: web.Request) -> web.Response:
    asked = _asked(request)
    body = await request.text()
    match request.method:
        case "GET":
            query, status = _select(asked), 200
        case "POST":
            query, status = _insert(asked, body, tuple(await request.json())), 201
        case "PATCH":
            query, status = _update(asked, body, tuple(await request.json())), 200
        case "DELETE":
            query, status = _delete(asked), 200
        case _:
            raise web.HTTPMethodNotAllowed(request.method, ["GET", "POST", "PATCH", "DELETE"])
    try:
        async with await psycopg.AsyncConnection.connect(database) as connection:
            await connection.execute(sql.SQL("set local role {}").format(sql.Identifier(role)))
            rows = await (await connection.execute(query)).fetchone()
    except psycopg.Error as error:
        return _refused(error, role)
    assert rows is not None
    return web.Response(text=rows[0], status=status, content_type="application/json")


def _refused(error: psycopg.Error, role: str) -> web.Response:
    code = error.sqlstate
    status = STATUS.get(code or "", 400)
    if code == "42501":  # insufficient_privilege
        status = 401 if role == "anon" else 403
    said = {
        "code": code,
        "message": error.diag.message_primary,
        "details": error.diag.message_detail,
        "hint": error.diag.message_hint,
    }
    return web.json_response(said, status=status)


def _asked(request: web.Request) -> Asked:
    filters = [item for item in request.query.items() if item[0] not in WORDS]
    names = request.query.get("select", "*").split(",")
    orders = [part.partition(".") for part in request.query.get("order", "").split(",") if part]
    return Asked(
        table=sql.Identifier("public", request.match_info["table"]),
        columns=_list(sql.SQL("*") if name == "*" else sql.Identifier(name) for name in names),
        condition=sql.SQL(" and ").join([sql.SQL("true"), *(_compared(*one) for one in filters)]),
        order=_list(
            [
                *(
                    sql.Identifier(name) + sql.SQL(" desc" if "desc" in how else "")
                    for name, _, how in orders
                ),
                sql.SQL("1"),
            ]
        ),
    )


def _compared(column: str, expression: str) -> Query:
    operator, _, value = expression.partition(".")
    compared = sql.SQL(COMPARISONS[operator])
    return sql.SQL("it.{} {} {}").format(sql.Identifier(column), compared, sql.Literal(value))


def _list(parts: object) -> Query:
    return sql.SQL(", ").join(parts)  # type: ignore[arg-type]


def _select(asked: Asked) -> Query:
    return sql.SQL(
        "select coalesce(json_agg(found), '[]')::text from "
        "(select {columns} from {table} it where {condition} order by {order}) found"
    ).format(columns=asked.columns, table=asked.table, condition=asked.condition, order=asked.order)


def _insert(asked: Asked, body: str, names: tuple[str, ...]) -> Query:
    return sql.SQL(
        "with found as (insert into {table} ({names}) "
        "select {names} from json_populate_record(null::{table}, {body}) returning *) "
        "select coalesce(json_agg(found), '[]')::text from found"
    ).format(table=asked.table, names=_list(map(sql.Identifier, names)), body=sql.Literal(body))


def _update(asked: Asked, body: str, names: tuple[str, ...]) -> Query:
    changes = [sql.SQL("{name} = new.{name}").format(name=sql.Identifier(name)) for name in names]
    return sql.SQL(
        "with found as (update {table} it set {changes} "
        "from json_populate_record(null::{table}, {body}) new where {condition} returning it.*) "
        "select coalesce(json_agg(found), '[]')::text from found"
    ).format(
        table=asked.table,
        changes=_list(changes),
        body=sql.Literal(body),
        condition=asked.condition,
    )


def _delete(asked: Asked) -> Query:
    return sql.SQL(
        "with found as (delete from {table} it where {condition} returning it.*) "
        "select coalesce(json_agg(found), '[]')::text from found"
    ).format(table=asked.table, condition=asked.condition)
