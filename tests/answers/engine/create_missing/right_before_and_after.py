"""Names before and after, compared."""

from sqlalchemy import inspect


def names(connection):
    return set(inspect(connection).get_table_names())


async def create_missing(engine, metadata):
    async with engine.begin() as connection:
        before = await connection.run_sync(names)
        await connection.run_sync(metadata.create_all)
        after = await connection.run_sync(names)
    return sorted(after - before)
