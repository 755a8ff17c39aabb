"""Breaks: common/never-awaited.

The work is called and not awaited.
"""

from sqlalchemy.exc import DBAPIError


async def read_once_more(engine, work):
    try:
        async with engine.connect() as connection:
            return work(connection)
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
    async with engine.connect() as connection:
        return await work(connection)
