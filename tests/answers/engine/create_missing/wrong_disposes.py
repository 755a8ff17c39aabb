"""Breaks: given-back.

Disposes of the caller's engine.
"""

from sqlalchemy import inspect


async def create_missing(engine, metadata):
    def create(connection):
        there = set(inspect(connection).get_table_names())
        metadata.create_all(connection)
        return sorted(set(metadata.tables) - there)

    async with engine.begin() as connection:
        created = await connection.run_sync(create)
    await engine.dispose()
    return created
