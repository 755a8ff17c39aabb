"""What a refused row is told to have broken, by real databases."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from course_lib.patterns import broken_rule, is_conflict
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


def test_an_unknown_code_is_no_rule() -> None:
    assert broken_rule(IntegrityError("INSERT", {}, ValueError("of a driver unknown here"))) is None


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
async def test_an_unknown_table_is_no_conflict(backend: Backend) -> None:
    async with open_sandbox(backend, users=1) as db:
        with pytest.raises(DBAPIError) as caught:
            async with db.engine.connect() as connection:
                await connection.execute(text("SELECT * FROM nowhere"))
    assert not is_conflict(caught.value)
