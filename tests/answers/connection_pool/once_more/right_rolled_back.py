"""The same object: after a rollback it connects again."""

from sqlalchemy.exc import DBAPIError


async def read_once_more(engine, work):
    async with engine.connect() as connection:
        try:
            return await work(connection)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            await connection.rollback()
            return await work(connection)
