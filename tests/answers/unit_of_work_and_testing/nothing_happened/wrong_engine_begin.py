"""Breaks: vanishes.

engine.begin() commits when the block ends well.
"""

from sqlalchemy.ext.asyncio import async_sessionmaker


async def isolated(engine, test):
    async with engine.begin() as connection:
        await test(async_sessionmaker(connection, join_transaction_mode="create_savepoint"))
