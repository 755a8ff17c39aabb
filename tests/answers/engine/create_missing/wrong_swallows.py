"""Breaks: error.

Catches the database's error.
"""

from sqlalchemy import inspect
from sqlalchemy.exc import DBAPIError


async def create_missing(engine, metadata):
    def create(connection):
        there = set(inspect(connection).get_table_names())
        metadata.create_all(connection)
        return sorted(set(metadata.tables) - there)

    try:
        async with engine.begin() as connection:
            return await connection.run_sync(create)
    except DBAPIError:
        return []
