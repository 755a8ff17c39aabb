"""Breaks: value.

Takes 0 for no result, and runs the work again.
"""

from sqlalchemy.exc import DBAPIError


async def read_once_more(engine, work):
    try:
        async with engine.connect() as connection:
            if result := await work(connection):
                return result
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
    async with engine.connect() as connection:
        return await work(connection)
