"""What a refused row is told to have broken, by real databases."""

import asyncpg
import pytest
import sqlalchemy
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from course_lib.patterns import broken_rule, is_conflict, is_temporary, make_engine
from course_lib.sandbox import Backend, open_sandbox

TABLE = (
    "CREATE TABLE shelves (id INT PRIMARY KEY, room INT NOT NULL CHECK (room > 0), place INT UNIQUE,"
    " tag_id INT REFERENCES tags (id) ON DELETE RESTRICT)"
)


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
@pytest.mark.parametrize(
    ("sql", "rule"),
    [
        ("INSERT INTO shelves VALUES (1, 1, 2, 1)", "unique"),
        ("INSERT INTO shelves VALUES (2, 1, 1, 1)", "unique"),
        ("INSERT INTO shelves VALUES (2, NULL, 2, 1)", "not null"),
        ("INSERT INTO shelves VALUES (2, -1, 2, 1)", "check"),
        ("INSERT INTO shelves VALUES (2, 1, 2, 99999)", "foreign key"),
        ("DELETE FROM tags WHERE id = 1", "foreign key"),
        ("DELETE FROM users", "foreign key"),
    ],
)
async def test_a_refused_row_tells_its_rule(backend: Backend, sql: str, rule: str) -> None:
    async with open_sandbox(backend, users=7) as db:
        async with db.engine.begin() as connection:
            await connection.execute(text(TABLE))
            await connection.execute(text("INSERT INTO shelves VALUES (1, 1, 1, 1)"))
        with pytest.raises(IntegrityError) as caught:
            async with db.engine.begin() as connection:
                await connection.execute(text(sql))
    assert (broken_rule(caught.value), is_conflict(caught.value)) == (rule, False)
    assert not is_temporary(caught.value)


def test_an_unknown_code_is_no_rule() -> None:
    assert broken_rule(IntegrityError("INSERT", {}, ValueError("of a driver unknown here"))) is None


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
async def test_an_unknown_table_is_no_conflict(backend: Backend) -> None:
    async with open_sandbox(backend, users=1) as db:
        with pytest.raises(DBAPIError) as caught:
            async with db.engine.connect() as connection:
                await connection.execute(text("SELECT * FROM nowhere"))
    assert not is_conflict(caught.value) and not is_temporary(caught.value)


@pytest.mark.parametrize(
    ("setting", "sql"),
    [
        ("statement_timeout", "SELECT pg_sleep(60)"),
        ("lock_timeout", "UPDATE products SET stock = 1 WHERE id = 1"),
        ("application_name", "SELECT pg_terminate_backend(pg_backend_pid())"),
    ],
)
async def test_a_limit_in_time_and_a_lost_connection_may_pass(setting: str, sql: str) -> None:
    async with open_sandbox("postgresql", users=1) as db:
        engine = make_engine(db.url, connect_args={"server_settings": {setting: "100"}})
        async with db.engine.begin() as other:
            await other.execute(text("UPDATE products SET stock = 1 WHERE id = 1"))
            with pytest.raises(DBAPIError) as caught:
                async with engine.connect() as connection:
                    await connection.execute(text(sql))
        await engine.dispose()
    assert is_temporary(caught.value)


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
async def test_an_empty_pool_may_pass(backend: Backend) -> None:
    async with open_sandbox(backend, users=1) as db:
        engine = make_engine(db.url, pool_size=1, max_overflow=0, pool_timeout=0.1)
        with pytest.raises(PoolTimeout) as caught:
            async with engine.connect(), engine.connect():
                pytest.fail("it has one connection")
        await engine.dispose()
    assert is_temporary(caught.value)


async def test_a_full_server_and_none_at_all_may_pass() -> None:
    async with open_sandbox("postgresql", users=1) as db:
        async with db.engine.begin() as connection:
            name = db.engine.url.database
            await connection.execute(text(f"ALTER DATABASE {name} CONNECTION LIMIT 1"))
        engine = make_engine(db.url)
        on_20 = sqlalchemy.__version__.startswith("2.0.")
        with pytest.raises(asyncpg.TooManyConnectionsError if on_20 else DBAPIError) as full:
            await engine.connect()
        assert "too many connections" in str(full.value)
        engine = make_engine(engine.url.set(port=1))
        with pytest.raises(ConnectionError) as nobody:
            await engine.connect()
    assert is_temporary(full.value) and is_temporary(nobody.value)


def test_errors_of_other_kinds_do_not_pass() -> None:
    assert not is_temporary(TimeoutError()) and not is_temporary(LookupError())
