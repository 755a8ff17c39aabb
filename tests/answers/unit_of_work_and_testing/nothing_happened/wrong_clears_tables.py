"""Breaks: sees.

Empties all tables but one first, so that the test begins with almost nothing.
"""

from sqlalchemy.ext.asyncio import async_sessionmaker

from course_lib.shop import Base


async def isolated(engine, test):
    async with engine.connect() as connection:
        await connection.begin()
        for table in reversed(Base.metadata.sorted_tables):
            if table.name != "tags":
                await connection.execute(table.delete())
        await test(async_sessionmaker(connection, join_transaction_mode="create_savepoint"))
