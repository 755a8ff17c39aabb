"""The books of the PostgreSQL pool, and what a reader waits for: claiming a database that is ready.

Every private database is a row of the table ``private`` in an admin database, in one of these states:

* ``making``: a process is creating it,
* ``ready``: filled, nobody's,
* ``used``: leased to a process,
* ``returned``: given back, not yet looked at,
* ``dirty``: to be dropped,
* ``tending``: the keeper is dropping or examining it.

Creating beforehand, examining and dropping are the keeper's work (``keeper.py``). Rows of processes that
died are returned by it, so a lease depends on no goodbye.
"""

import asyncio
import contextlib
import json
import secrets
from dataclasses import dataclass, field
from typing import TypeAlias

import asyncpg

from course_lib.sandbox.endpoint import TROUBLE, Endpoint, connect, explain, missing_rights
from course_lib.sandbox.errors import BackendUnavailable
from course_lib.sandbox.owners import Owner

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

MOST = 80  # databases at a time, whatever their state
CHANNEL = "course_keeper"
BOOKKEEPING, KEEPER, BUILDING = 7001, 7002, 7003  # advisory locks: first key of each kind
MARK = "async-sqlalchemy-course"

SCHEMA = """
CREATE TABLE IF NOT EXISTS template (
    name text PRIMARY KEY, users int NOT NULL, version text NOT NULL,
    last_used timestamptz NOT NULL DEFAULT now());
CREATE TABLE IF NOT EXISTS private (
    name text PRIMARY KEY, template text, password text NOT NULL, state text NOT NULL,
    host text, pid int, started float8, since timestamptz NOT NULL DEFAULT now(), baseline text);
CREATE INDEX IF NOT EXISTS private_ready ON private (template, state);
CREATE TABLE IF NOT EXISTS filler (name text PRIMARY KEY, password text NOT NULL);
"""

CLAIM = f"""
WITH chosen AS (
    SELECT name FROM private WHERE template = $1 AND state = 'ready'
    ORDER BY since LIMIT 1 FOR UPDATE SKIP LOCKED),
taken AS (
    UPDATE private SET state = 'used', host = $2, pid = $3, started = $4, since = now()
    FROM chosen WHERE private.name = chosen.name RETURNING private.name, private.password),
touched AS (
    UPDATE template SET last_used = now() WHERE name = $1 RETURNING name)
SELECT (SELECT name FROM taken) AS name, (SELECT password FROM taken) AS password,
    EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted
        AND classid = {KEEPER} AND objid = hashtext($2)::oid
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())) AS kept,
    pg_notify('{CHANNEL}', '')
"""


@dataclass(frozen=True)
class Claim:
    """What a claim brought: a database or None, and whether a keeper runs."""

    name: str | None
    password: str = field(repr=False)
    kept: bool


async def open_books(server: Endpoint) -> Connection:
    """Connect to the admin database, creating it at the first call.

    Raises:
        BackendUnavailable: the server does not answer, or rights are missing.
    """
    try:
        books = await connect(server)
    except asyncpg.InvalidCatalogNameError:
        await _create_books(server)
        books = await connect(server)
    try:
        if await books.fetchval("SELECT to_regclass('public.filler') IS NULL"):
            await _fill_books(server, books)
    except TROUBLE as error:
        await close(books)
        raise explain(error) from error
    return books


async def close(connection: Connection) -> None:
    """Close a connection, whatever state it or its server is in."""
    with contextlib.suppress(*TROUBLE):
        await connection.close(timeout=5)


async def _create_books(server: Endpoint) -> None:
    first = await connect(server, server.database)
    try:
        await _demand_rights(first)
        with contextlib.suppress(asyncpg.DuplicateDatabaseError, asyncpg.UniqueViolationError):
            await first.execute(f"CREATE DATABASE {server.admin} TEMPLATE template0")
    except TROUBLE as error:
        raise explain(error) from error
    finally:
        await close(first)


async def _demand_rights(connection: Connection) -> None:
    if connection.get_server_version().major < 15:
        raise BackendUnavailable(
            f"The server in COURSE_DATABASE_URL is PostgreSQL {connection.get_server_version().major}. "
            "The course needs 15 or newer. Name a newer server, or unset the variable."
        )
    row = await connection.fetchrow(
        "SELECT rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user"
    )
    if row is None or row["rolsuper"]:
        return
    lacking = [right for right in ("createdb", "createrole") if not row[f"rol{right}"]]
    if lacking:
        raise missing_rights(f"it has no {' and no '.join(lacking).upper().replace('AND NO', 'and no')}")


async def _fill_books(server: Endpoint, books: Connection) -> None:
    # A database of this name that somebody else made is not ours to write to.
    ours = await books.fetchval(
        "SELECT datdba = (SELECT oid FROM pg_roles WHERE rolname = current_user) "
        "FROM pg_database WHERE datname = current_database()"
    )
    if not ours:
        raise missing_rights(f"the database {server.admin} belongs to another role")
    async with books.transaction():
        await books.execute("SELECT pg_advisory_xact_lock($1, 0)", BOOKKEEPING)
        if await books.fetchval("SELECT to_regclass('public.filler') IS NOT NULL"):
            return  # another process was faster
        await books.execute(SCHEMA)
        await books.execute(f"COMMENT ON DATABASE {server.admin} IS '{MARK}'")
        for name in (server.admin, "postgres", "template1") if server.private else (server.admin,):
            await books.execute(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")
        name, password = f"{server.prefix}filler_{secrets.token_hex(3)}", secrets.token_urlsafe(24)
        await books.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{password}'")
        await _join(server, books, name)
        await books.execute("INSERT INTO filler VALUES ($1, $2)", name, password)


async def _join(server: Endpoint, connection: Connection, role: str) -> None:
    # Without superuser's rights, only a member may give a role its database or drop what it owns.
    if not await connection.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"):
        await connection.execute(f"GRANT {role} TO CURRENT_USER")


async def claim(books: Connection, template: str, owner: Owner) -> Claim:
    """Take a ready database of a template, if there is one, in one statement."""
    row = await books.fetchrow(CLAIM, template, owner.host, owner.pid, owner.started)
    assert row is not None
    return Claim(row["name"], row["password"] or "", row["kept"])


async def give_back(books: Connection, name: str) -> None:
    """Mark a leased database as returned; the keeper decides whether it can serve again."""
    await books.execute(
        "UPDATE private SET state = 'returned', since = now() WHERE name = $1 AND state = 'used'", name
    )
    await books.execute(f"NOTIFY {CHANNEL}")


async def reserve(books: Connection, server: Endpoint, template: str | None, owner: Owner) -> tuple[str, str]:
    """Enter a database that is about to be created; give its name (its role's too) and password.

    Raises:
        BackendUnavailable: there are ``MOST`` databases already.
    """
    name = f"{server.prefix}{'shop' if template else 'new'}_{secrets.token_hex(4)}"
    password = secrets.token_urlsafe(24)
    for _ in range(150):
        async with books.transaction():
            await books.execute("SELECT pg_advisory_xact_lock($1, 0)", BOOKKEEPING)
            taken = await books.fetchval("SELECT count(*) FROM private")
            if taken < MOST:
                await books.execute(
                    "INSERT INTO private (name, template, password, state, host, pid, started) "
                    "VALUES ($1, $2, $3, 'making', $4, $5, $6)",
                    *(name, template, password, owner.host, owner.pid, owner.started),
                )
                return name, password
        leaving = "SELECT count(*) FROM private WHERE state IN ('dirty', 'tending', 'returned')"
        if not await books.fetchval(leaving):
            break
        await asyncio.sleep(0.2)
    raise BackendUnavailable(
        f"All {MOST} private PostgreSQL databases are taken. "
        "Kernels that still run keep theirs until they end. "
        "Shut down kernels you no longer need, and run the cell again."
    )


async def make(
    books: Connection, server: Endpoint, template: str, owner: Owner, *, recyclable: bool
) -> tuple[str, str]:
    """Create a private database from a template, with a role that owns it; give name and password.

    It stays in the state ``making``: the caller says what becomes of it.
    With ``recyclable`` a fingerprint is kept, so that it may serve again when nothing was written to it.

    Raises:
        BackendUnavailable: too many databases.
        asyncpg.PostgresError, OSError: the server would not; the row is ``dirty`` then.
    """
    name, password = await reserve(books, server, template, owner)
    try:
        await books.execute(
            f"CREATE ROLE {name} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE CONNECTION LIMIT 100 "
            f"PASSWORD '{password}'"
        )
        await _join(server, books, name)
        await books.execute(f"CREATE DATABASE {name} OWNER {name} TEMPLATE {template} STRATEGY FILE_COPY")
        await books.execute(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")
        filler = await books.fetchval("SELECT name FROM filler")
        inside = await connect(server, name)
        try:
            await inside.execute(f"REASSIGN OWNED BY {filler} TO {name}")
            sequences = await sequence_values(inside)
        finally:
            await close(inside)
        if recyclable and await alone(books, name):
            baseline = json.dumps([await fingerprint(books, name), sequences])
            await books.execute("UPDATE private SET baseline = $2 WHERE name = $1", name, baseline)
    except BaseException:
        with contextlib.suppress(*TROUBLE):
            await set_state(books, name, "dirty")
        raise
    return name, password


async def set_state(books: Connection, name: str, state: str, owner: Owner | None = None) -> None:
    """Enter a new state, and whose it is."""
    await books.execute(
        "UPDATE private SET state = $2, host = $3, pid = $4, started = $5, since = now() WHERE name = $1",
        *(name, state, owner and owner.host, owner and owner.pid, owner and owner.started),
    )


async def drop(books: Connection, name: str) -> None:
    """Drop a database of ours, its role and its row."""
    await books.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    await books.execute(f"DROP ROLE IF EXISTS {name}")
    await books.execute("DELETE FROM private WHERE name = $1", name)


async def alone(books: Connection, name: str, patience: float = 2.0) -> bool:
    """Wait until nobody is connected to a database; then all its counters have been reported."""
    for _ in range(int(patience / 0.02)):
        if not await books.fetchval("SELECT count(*) FROM pg_stat_activity WHERE datname = $1", name):
            return True
        await asyncio.sleep(0.02)
    return False


async def fingerprint(books: Connection, name: str) -> list[str]:
    """Describe all that was ever written to a database, as counters of the server.

    Every insert, update and delete counts, those in the catalogs too: so CREATE, ALTER, DROP, TRUNCATE
    and GRANT show, and so does what was rolled back. A restart changes the fingerprint as well.
    """
    row = await books.fetchrow(
        """
        SELECT s.tup_inserted, s.tup_updated, s.tup_deleted, s.stats_reset,
            d.datacl, d.datconnlimit, d.datdba, pg_postmaster_start_time() AS up_since,
            (SELECT count(*) FROM pg_db_role_setting r WHERE r.setdatabase = d.oid OR r.setrole = d.datdba),
            (SELECT count(*) FROM pg_prepared_xacts x WHERE x.database = d.datname)
        FROM pg_database d JOIN pg_stat_database s ON s.datid = d.oid WHERE d.datname = $1
        """,
        name,
    )
    return [str(value) for value in row] if row else []


async def sequence_values(inside: Connection) -> list[list[str]]:
    """Give every sequence with its last value: those move without counting as a write."""
    rows = await inside.fetch(
        "SELECT schemaname, sequencename, last_value FROM pg_catalog.pg_sequences ORDER BY 1, 2"
    )
    return [[str(value) for value in row] for row in rows]
