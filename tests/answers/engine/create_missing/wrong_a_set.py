"""Breaks: common/wrong-type.

A set of names in place of a sorted list.
"""

from sqlalchemy import inspect


async def create_missing(engine, metadata):
    async with engine.begin() as connection:
        before = await connection.run_sync(lambda c: inspect(c).get_table_names())
        await connection.run_sync(metadata.create_all)
    return set(metadata.tables) - set(before)
