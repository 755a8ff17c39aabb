"""Breaks: pool.

Disposes of the engine of its caller.
"""

from sqlalchemy.exc import DBAPIError


async def read_once_more(engine, work):
    try:
        async with engine.connect() as connection:
            return await work(connection)
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
        await engine.dispose()
        async with engine.connect() as connection:
            return await work(connection)
