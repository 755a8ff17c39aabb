"""An engine of its own for the same database, with one connection."""

from contextlib import AsyncExitStack

from sqlalchemy.ext.asyncio import async_sessionmaker

from course_lib.patterns import make_engine


async def isolated(engine, test):
    own = make_engine(engine.url)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(own.dispose)
        connection = await stack.enter_async_context(own.connect())
        transaction = await connection.begin()
        stack.push_async_callback(transaction.rollback)
        await test(async_sessionmaker(connection, join_transaction_mode="create_savepoint"))
