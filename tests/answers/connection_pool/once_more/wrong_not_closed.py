"""Breaks: given-back.

An error that has nothing to do with the connection skips the `close()`.
"""

from sqlalchemy.exc import DBAPIError


async def read_once_more(engine, work):
    connection = await engine.connect()
    try:
        result = await work(connection)
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
    else:
        await connection.close()
        return result
    async with engine.connect() as connection:
        return await work(connection)
