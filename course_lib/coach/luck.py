"""What a check does so that nobody passes by luck: because of how the rows lie, or of being alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Executable, event, text
from sqlalchemy.ext.asyncio import AsyncEngine

if TYPE_CHECKING:
    from course_lib.coach.lab import ShopDatabase
    from course_lib.shop import Base


async def no_luck_with_order(db: ShopDatabase, *models: type[Base]) -> None:
    """From now on let rows come backwards, the highest id first, where a SELECT does not name an order.

    SQLite is told to read backwards: all its tables, through this engine. PostgreSQL reads a table as its
    rows lie, so the rows of these `models` are written anew, from the last id to the first. Call it after
    the check's own INSERTs and UPDATEs, and name each model whose order is judged; each has a column `id`.
    https://www.sqlite.org/pragma.html#pragma_reverse_unordered_selects
    """
    if db.backend == "sqlite":
        # On "begin", because the pool holds connections that were opened before.
        event.listen(db.engine.sync_engine, "begin", _read_backwards)
        return
    async with db.engine.begin() as connection:
        for model in models:
            table = model.__tablename__
            await connection.execute(
                text(
                    f"DO $$ DECLARE each record; BEGIN "
                    f"FOR each IN SELECT id FROM {table} ORDER BY id DESC LOOP "
                    f"UPDATE {table} SET id = id WHERE id = each.id; "
                    f"END LOOP; END $$"
                )
            )


def _read_backwards(connection: Connection) -> None:
    connection.exec_driver_sql("PRAGMA reverse_unordered_selects=ON")


@contextmanager
def just_before(engine: AsyncEngine, begins: tuple[str, ...], rival: Executable) -> Iterator[list[bool]]:
    """Execute what another would have done as soon as the first statement that begins so is on its way.

    It goes out on the same connection, so nobody waits for anybody. Gives a list that is empty until then.
    """
    done: list[bool] = []

    def before(connection: Connection, cursor: Any, statement: str, *_: Any) -> None:
        if not done and statement.lstrip().upper().startswith(begins):
            done.append(True)
            connection.execute(rival)

    event.listen(engine.sync_engine, "before_cursor_execute", before)
    try:
        yield done
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", before)
