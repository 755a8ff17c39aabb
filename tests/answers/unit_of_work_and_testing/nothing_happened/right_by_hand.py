"""Each way out written down."""

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker


async def isolated(engine, test):
    connection = await engine.connect()
    try:
        transaction = await connection.begin()
        try:
            await test(
                async_sessionmaker(
                    bind=connection, class_=AsyncSession, join_transaction_mode="create_savepoint"
                )
            )
        finally:
            await transaction.rollback()
    finally:
        await connection.close()
