"""Calls itself with what is left; a connection closed by hand."""

from sqlalchemy.exc import DBAPIError


async def read_once_more(engine, work, again=True):
    connection = await engine.connect()
    try:
        return await work(connection)
    except DBAPIError as error:
        if not again or not error.connection_invalidated:
            raise
    finally:
        await connection.close()
    return await read_once_more(engine, work, again=False)
