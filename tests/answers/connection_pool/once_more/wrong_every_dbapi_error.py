"""Breaks: others.

Repeats after every DBAPIError.
"""

from sqlalchemy.exc import DBAPIError


async def read_once_more(engine, work):
    try:
        async with engine.connect() as connection:
            return await work(connection)
    except DBAPIError:
        pass
    async with engine.connect() as connection:
        return await work(connection)
