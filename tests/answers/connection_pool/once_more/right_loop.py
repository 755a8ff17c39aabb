"""A loop that counts down."""

from sqlalchemy.exc import DBAPIError


async def read_once_more(engine, work, left=1):
    while True:
        try:
            async with engine.connect() as connection:
                return await work(connection)
        except DBAPIError as error:
            if not (left and error.connection_invalidated):
                raise
            left -= 1
