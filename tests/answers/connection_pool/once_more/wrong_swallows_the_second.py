"""Breaks: twice.

Ends without a word after the second error.
"""

from sqlalchemy.exc import DBAPIError


async def read_once_more(engine, work):
    for _ in range(2):
        try:
            async with engine.connect() as connection:
                return await work(connection)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
