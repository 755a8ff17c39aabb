"""Breaks: names.

Asks for the names after creating: none is missing any more.
"""

from sqlalchemy import inspect


async def create_missing(engine, metadata):
    def create(connection):
        metadata.create_all(connection)
        there = set(inspect(connection).get_table_names())
        return sorted(set(metadata.tables) - there)

    async with engine.begin() as connection:
        return await connection.run_sync(create)
