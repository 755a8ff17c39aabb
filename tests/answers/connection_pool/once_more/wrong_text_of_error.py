"""Breaks: others.

Goes by a word in the message, which quotes the query.
"""

from sqlalchemy.exc import DBAPIError


async def read_once_more(engine, work):
    try:
        async with engine.connect() as connection:
            return await work(connection)
    except DBAPIError as error:
        if "closed" not in str(error):
            raise
    async with engine.connect() as connection:
        return await work(connection)
