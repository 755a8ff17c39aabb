"""Templates on PostgreSQL: filled once, copied ever after."""

import contextlib

from course_lib.patterns import make_engine
from course_lib.sandbox.endpoint import TROUBLE, Endpoint, connect
from course_lib.sandbox.owners import Owner
from course_lib.sandbox.pool import BUILDING, Connection, close, drop, reserve, set_state
from course_lib.shop import DATA_VERSION, fill


def template_name(server: Endpoint, users: int) -> str:
    """Give the name of the template holding a slice of this many users."""
    version = "".join(sign if sign.isalnum() else "_" for sign in str(DATA_VERSION).lower())
    return f"{server.prefix}template_{version[:20]}_{users}"


async def ensure_template(books: Connection, server: Endpoint, users: int) -> bool:
    """Build a template unless it is there; processes that ask at once wait for the first. True if built.

    Raises:
        BackendUnavailable: too many databases.
        asyncpg.PostgresError, sqlalchemy.exc.DBAPIError, OSError: the server would not.
    """
    name = template_name(server, users)
    known = "SELECT count(*) FROM template WHERE name = $1"
    if await books.fetchval(known, name):
        return False
    await books.execute("SELECT pg_advisory_lock($1, $2)", BUILDING, users)
    try:
        if await books.fetchval(known, name):
            return False
        # A build that died between renaming and booking left one that nobody knows of.
        await books.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        await _build(books, server, name, users)
        await books.execute("INSERT INTO template VALUES ($1, $2, $3)", name, users, str(DATA_VERSION))
        return True
    finally:
        with contextlib.suppress(*TROUBLE):
            await books.execute("SELECT pg_advisory_unlock($1, $2)", BUILDING, users)


async def _build(books: Connection, server: Endpoint, name: str, users: int) -> None:
    # The name tells that it is finished: until then it has another one.
    unfinished, _ = await reserve(books, server, None, Owner.me())
    filler = await books.fetchrow("SELECT name, password FROM filler")
    assert filler is not None
    version = books.get_server_version().major
    # Text sorts by code point everywhere, so that lessons print the same on every machine.
    locale = "LOCALE 'C'"
    if version >= 17:
        locale += " LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'"
    try:
        await books.execute(f"CREATE DATABASE {unfinished} TEMPLATE template0 ENCODING 'UTF8' {locale}")
        await books.execute(f"REVOKE ALL ON DATABASE {unfinished} FROM PUBLIC")
        await books.execute(f"GRANT CONNECT ON DATABASE {unfinished} TO {filler['name']}")
        await _inside(server, unfinished, f"GRANT CREATE ON SCHEMA public TO {filler['name']}")
        engine = make_engine(server.url(unfinished, filler["name"], filler["password"]))
        try:
            await fill(engine, users)
        finally:
            await engine.dispose()
        await _inside(
            server,
            unfinished,
            f"REVOKE CREATE ON SCHEMA public FROM {filler['name']}",
            "VACUUM (ANALYZE)",
        )
        await books.execute(f"ALTER DATABASE {unfinished} WITH ALLOW_CONNECTIONS false")
        await books.execute(f"ALTER DATABASE {unfinished} RENAME TO {name}")
        await books.execute("DELETE FROM private WHERE name = $1", unfinished)
    except BaseException:
        with contextlib.suppress(*TROUBLE):
            await set_state(books, unfinished, "dirty")
            await drop(books, unfinished)
        raise


async def _inside(server: Endpoint, database: str, *statements: str) -> None:
    connection = await connect(server, database)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await close(connection)
