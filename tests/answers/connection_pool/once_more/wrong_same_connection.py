"""Breaks: middle.

Begins again on the connection that broke.
"""

from sqlalchemy.exc import DBAPIError


async def read_once_more(engine, work):
    async with engine.connect() as connection:
        try:
            return await work(connection)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            return await work(connection)
