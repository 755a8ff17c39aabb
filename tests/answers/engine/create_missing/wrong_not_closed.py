"""Breaks: given-back.

The connection is never closed.
"""

from sqlalchemy import inspect


async def create_missing(engine, metadata):
    def create(connection):
        there = set(inspect(connection).get_table_names())
        metadata.create_all(connection)
        return sorted(set(metadata.tables) - there)

    connection = await engine.connect()
    created = await connection.run_sync(create)
    await connection.commit()
    return created
