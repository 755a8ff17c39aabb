"""Breaks: raised.

Hands the async engine to create_all.
"""


async def create_missing(engine, metadata):
    metadata.create_all(engine)
    return sorted(metadata.tables)
