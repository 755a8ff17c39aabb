"""Breaks: raised.

The inspector is brought out of `run_sync` and asked there.
"""

from sqlalchemy import inspect


async def create_missing(engine, metadata):
    async with engine.begin() as connection:
        inspector = await connection.run_sync(inspect)
        names = inspector.get_table_names()
        await connection.run_sync(metadata.create_all)
    return sorted(set(metadata.tables) - set(names))
