"""Breaks: vanishes.

Rolls back a transaction in which nothing was done.
"""

from sqlalchemy.ext.asyncio import async_sessionmaker


async def isolated(engine, test):
    async with engine.connect() as connection:
        transaction = await connection.begin()
        try:
            await test(async_sessionmaker(engine, expire_on_commit=False))
        finally:
            await transaction.rollback()
