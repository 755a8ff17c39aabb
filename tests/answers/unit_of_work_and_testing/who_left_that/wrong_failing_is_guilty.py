"""Breaks: innocent.

Names every test that fails.
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
    names, before = [], await picture(engine)
    for test in tests:
        failed = False
        try:
            await test(engine)
        except Exception:
            failed = True
        after = await picture(engine)
        if failed or after != before:
            names.append(test.__name__)
        before = after
    return names
