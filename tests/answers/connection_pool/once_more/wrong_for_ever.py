"""Breaks: twice.

Repeats until it works.
"""

from sqlalchemy.exc import DBAPIError


async def read_once_more(engine, work):
    while True:
        try:
            async with engine.connect() as connection:
                return await work(connection)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
