"""Breaks: given-back.

Rolls back, and keeps the connection.
"""

from sqlalchemy.ext.asyncio import async_sessionmaker

KEPT = []


async def isolated(engine, test):
    connection = await engine.connect()
    KEPT.append(connection)
    transaction = await connection.begin()
    try:
        await test(async_sessionmaker(connection, join_transaction_mode="create_savepoint"))
    finally:
        await transaction.rollback()
