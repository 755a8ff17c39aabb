"""Breaks: rollback.

Leaves the mode as it is by default.
"""

from sqlalchemy.ext.asyncio import async_sessionmaker


async def isolated(engine, test):
    async with engine.connect() as connection:
        await connection.begin()
        await test(async_sessionmaker(connection, expire_on_commit=False))
