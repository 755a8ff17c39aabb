"""Breaks: twice.

Runs it three times.
"""

from sqlalchemy.exc import DBAPIError


async def read_once_more(engine, work):
    for attempt in range(3):
        try:
            async with engine.connect() as connection:
                return await work(connection)
        except DBAPIError as error:
            if attempt == 2 or not error.connection_invalidated:
                raise
