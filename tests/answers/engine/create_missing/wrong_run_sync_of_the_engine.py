"""Breaks: raised.

`run_sync` belongs to a connection.
"""

from sqlalchemy import inspect


async def create_missing(engine, metadata):
    before = await engine.run_sync(lambda c: inspect(c).get_table_names())
    await engine.run_sync(metadata.create_all)
    return sorted(set(metadata.tables) - set(before))
