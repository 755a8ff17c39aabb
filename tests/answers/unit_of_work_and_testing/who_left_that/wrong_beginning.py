"""Breaks: innocent.

Compares with the beginning, so that everybody behind the first is guilty.
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
    names, beginning = [], await picture(engine)
    for test in tests:
        try:
            await test(engine)
        except Exception:
            pass
        if await picture(engine) != beginning:
            names.append(test.__name__)
    return names
