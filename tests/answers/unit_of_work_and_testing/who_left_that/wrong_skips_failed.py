"""Breaks: failing.

Looks only where a test has passed.
"""

from sqlalchemy import select

from course_lib.shop import Base


async def picture(engine):
    async with engine.connect() as connection:
        return {
            table.name: sorted(tuple(row) for row in await connection.execute(select(table)))
            for table in Base.metadata.sorted_tables
        }


async def leaving_traces(engine, tests):
    names = []
    for test in tests:
        before = await picture(engine)
        try:
            await test(engine)
        except Exception:
            continue
        if await picture(engine) != before:
            names.append(test.__name__)
    return names
