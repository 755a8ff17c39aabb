"""Through a session, table by table, in one transaction."""

from sqlalchemy import inspect
from sqlalchemy.ext.asyncio import AsyncSession


async def create_missing(engine, metadata):
    def create(session):
        connection = session.connection()
        look = inspect(connection)
        missing = [table for table in metadata.sorted_tables if not look.has_table(table.name)]
        for table in missing:
            table.create(connection)
        return sorted(table.name for table in missing)

    async with AsyncSession(engine) as session:
        created = await session.run_sync(create)
        await session.commit()
    return created
