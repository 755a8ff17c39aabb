"""Breaks: failing.

Keeps the error to itself, so that the rollback is reached.
"""

from sqlalchemy.ext.asyncio import async_sessionmaker


async def isolated(engine, test):
    async with engine.connect() as connection:
        transaction = await connection.begin()
        try:
            await test(async_sessionmaker(connection, join_transaction_mode="create_savepoint"))
        except Exception as error:
            print(error)
        await transaction.rollback()
