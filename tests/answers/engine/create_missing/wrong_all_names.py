"""Breaks: names.

Gives all names of the metadata.
"""

from sqlalchemy import inspect


async def create_missing(engine, metadata):
    def create(connection):
        there = set(inspect(connection).get_table_names())
        metadata.create_all(connection)
        return sorted(set(metadata.tables))

    async with engine.begin() as connection:
        return await connection.run_sync(create)
