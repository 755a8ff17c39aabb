"""Trials on inserting many rows."""

from __future__ import annotations

import gc
import weakref
from time import perf_counter
from typing import Any

from sqlalchemy import Uuid, func, insert, select, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, mapped_column

from course_lib.lens import watch
from course_lib.sandbox import Sandbox
from course_lib.shop import Tag
from course_lib.trials.recipe import created, recipe_models
from course_lib.trials.trial import Finding, Trial, finding


def _people(number: int) -> list[dict[str, Any]]:
    return [{"email": f"{place}@example.com"} for place in range(number)]


def _tags(first: int, number: int) -> list[dict[str, Any]]:
    return [{"name": f"tag {place}"} for place in range(first, first + number)]


async def one_insert(db: Sandbox) -> Finding:
    class Base(DeclarativeBase):
        pass

    class Note(Base):
        __tablename__ = "trial_notes"
        id = mapped_column(Uuid, primary_key=True, server_default=_random_key(db))
        words = mapped_column(Tag.name.type)

    async with db.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    models = await created(db, recipe_models())
    sent = {}
    for name, items in {
        "500 keys made here": [models.User(**row) for row in _people(500)],
        "2500 keys made here": [models.User(email=f"{row}@many") for row in range(2500)],
        "50 integer keys": [Tag(**row) for row in _tags(0, 50)],
        "50 keys of the server": [Note(words="one") for _ in range(50)],
    }.items():
        async with db.sessions() as session:
            session.add_all(items)
            with watch(db.engine) as sql:
                await session.flush()
            sent[name] = sql.sent
            await session.rollback()
    return finding(
        sent["500 keys made here"] == 1,
        ", ".join(f"{name}: {count}" for name, count in sent.items()),
        {
            "more than 1000 rows take more than one": sent["2500 keys made here"] > 1,
            "integer keys take one statement a row": sent["50 integer keys"] == 50,
            "keys that the server makes take one statement a row": sent["50 keys of the server"] == 50,
        },
    )


def _random_key(db: Sandbox) -> Any:
    return text("gen_random_uuid()" if db.backend == "postgresql" else "(lower(hex(randomblob(16))))")


async def efficient(db: Sandbox) -> Finding:
    ratios = []
    for repeat in range(3):
        rows = _tags(repeat * 1000, 1000)
        times = []
        for way in ("objects", "rows"):
            async with db.sessions() as session:
                start = perf_counter()
                if way == "objects":
                    session.add_all([Tag(**row) for row in rows])
                    await session.flush()
                else:
                    await session.execute(insert(Tag), rows)
                times.append(perf_counter() - start)
                await session.rollback()
        ratios.append(times[0] / times[1])
    slower = sorted(ratios)[1]
    return finding(
        slower < 1.5,
        "much slower than `insert()` with the same rows" if slower >= 1.5 else "about as fast as `insert()`",
    )


async def chunks_save_memory(db: Sandbox) -> Finding:
    async def most_alive(*, chunk: int, keep: bool) -> int:
        alive: weakref.WeakSet[Tag] = weakref.WeakSet()
        most, kept = 0, []
        async with db.sessions() as session:
            for first in range(0, 300, chunk):
                tags = [Tag(**row) for row in _tags(first, chunk)]
                alive.update(tags)
                session.add_all(tags)
                await session.flush()
                most = max(most, len(alive))
                if keep:
                    kept += tags
                del tags
                gc.collect()
            await session.rollback()
        return most

    dropped, kept, whole = (
        await most_alive(chunk=100, keep=False),
        await most_alive(chunk=100, keep=True),
        await most_alive(chunk=300, keep=False),
    )
    return finding(
        dropped < whole,
        f"alive at once: {dropped} of 300 in chunks of 100, {whole} in one piece",
        {f"if somebody keeps the objects all {kept} stay alive": kept == whole},
    )


async def chunk_size(db: Sandbox) -> Finding:
    many = _tags(0, 20_000)

    async def stored(send: Any) -> bool:
        async with db.sessions() as session:
            try:
                await send(session)
                return True
            except DBAPIError:
                return False
            finally:
                await session.rollback()

    async def by_thousands(session: Any) -> None:
        for first in range(0, len(many), 1000):
            await session.execute(insert(Tag), many[first : first + 1000])

    chunked = await stored(by_thousands)
    at_once = await stored(lambda session: session.execute(insert(Tag), many))
    pairs = [{"id": 1_000 + place, **row} for place, row in enumerate(many)]
    one_statement = await stored(lambda session: session.execute(insert(Tag).values(pairs)))
    return finding(
        chunked,
        f"20000 rows in chunks: stored; in one call: {'stored' if at_once else 'refused'}; "
        f"in one VALUES list: {'stored' if one_statement else 'refused'}",
        {"`insert()` with a list of rows needs no cutting": at_once},
    )


async def chunks_are_progress(db: Sandbox) -> Finding:
    async with db.sessions() as session:
        before = await session.scalar(select(func.count()).select_from(Tag))
    try:
        async with db.sessions() as session:
            for rows in (_tags(0, 100), _tags(100, 100), _tags(0, 100)):
                session.add_all([Tag(**row) for row in rows])
                await session.flush()
            await session.commit()
    except SQLAlchemyError:
        pass
    async with db.sessions() as session:
        after = await session.scalar(select(func.count()).select_from(Tag))
    kept = (after or 0) - (before or 0)
    return finding(
        kept == 200, f"the third of three chunks fails, and {kept} of the 200 rows before it are kept"
    )


TRIALS = (
    Trial(
        "add-all-is-one-insert",
        "`add_all` and a flush become a single INSERT with many VALUES.",
        ("function bulk_insert_users",),
        "bulk-inserts/1",
        one_insert,
        exercise="bulk-inserts/numbers-for-everybody",
        pattern="insert_rows",
    ),
    Trial(
        "add-all-is-efficient",
        "`add_all` is the efficient way to insert many rows.",
        ("function bulk_insert_users",),
        "bulk-inserts/5",
        efficient,
        exercise="bulk-inserts/new-on-the-shelf",
        pattern="insert_rows",
    ),
    Trial(
        "chunks-save-memory",
        "Inserting in chunks, with a flush after each, saves memory.",
        ("function bulk_insert_chunked", "decision Bulk inserts"),
        "large-imports/1",
        chunks_save_memory,
        exercise="large-imports/a-feed-that-never-ends",
        pattern="in_chunks",
    ),
    Trial(
        "chunks-of-a-thousand",
        "Many rows have to be cut into chunks of 1000 to 10000.",
        ("decision Bulk inserts", "function bulk_insert_chunked"),
        "large-imports/4",
        chunk_size,
        exercise="large-imports/a-feed-that-never-ends",
        pattern="insert_rows",
    ),
    Trial(
        "chunks-are-progress",
        "What was inserted in earlier chunks is kept if a later one fails.",
        ("function bulk_insert_chunked",),
        "large-imports/2",
        chunks_are_progress,
        exercise="large-imports/go-on",
        pattern="load",
    ),
)
