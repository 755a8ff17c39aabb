"""Breaks: middle.

A ping of its own before the work, and no second try.
"""

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError


async def read_once_more(engine, work):
    try:
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
    async with engine.connect() as connection:
        return await work(connection)
