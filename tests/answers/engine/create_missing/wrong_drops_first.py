"""Breaks: kept.

Drops all tables first.
"""

from sqlalchemy import inspect


async def create_missing(engine, metadata):
    def create(connection):
        there = set(inspect(connection).get_table_names())
        metadata.drop_all(connection)
        metadata.create_all(connection)
        return sorted(set(metadata.tables) - there)

    async with engine.begin() as connection:
        return await connection.run_sync(create)
