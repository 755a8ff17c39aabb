"""Breaks: raised.

Inspects the synchronous engine outside `run_sync`.
"""

from sqlalchemy import inspect


async def create_missing(engine, metadata):
    before = inspect(engine.sync_engine).get_table_names()
    metadata.create_all(engine.sync_engine)
    return sorted(set(metadata.tables) - set(before))
