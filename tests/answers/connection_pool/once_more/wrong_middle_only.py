"""Breaks: stale.

Gives up if the first statement already meets a dead connection.
"""

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError


async def read_once_more(engine, work):
    async with engine.connect() as connection:
        await connection.execute(text("SELECT 1"))
        try:
            return await work(connection)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
    async with engine.connect() as connection:
        return await work(connection)
