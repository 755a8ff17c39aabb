"""Breaks: given-back.

Tidies up behind a test that passes, and skips it behind one that fails.
"""

from sqlalchemy.ext.asyncio import async_sessionmaker

KEPT = []


async def isolated(engine, test):
    connection = await engine.connect()
    KEPT.append(connection)
    await connection.begin()
    await test(async_sessionmaker(connection, join_transaction_mode="create_savepoint"))
    await connection.close()
