"""Breaks: names.

In the order in which they were created.
"""

from sqlalchemy import inspect


async def create_missing(engine, metadata):
    def create(connection):
        there = set(inspect(connection).get_table_names())
        metadata.create_all(connection)
        return [table.name for table in metadata.sorted_tables if table.name not in there]

    async with engine.begin() as connection:
        return await connection.run_sync(create)
