"""Breaks: together.

A transaction for each table.
"""

from sqlalchemy import inspect


async def create_missing(engine, metadata):
    created = []
    for table in metadata.sorted_tables:
        async with engine.begin() as connection:
            if not await connection.run_sync(lambda sync, name=table.name: inspect(sync).has_table(name)):
                await connection.run_sync(table.create)
                created.append(table.name)
    return sorted(created)
