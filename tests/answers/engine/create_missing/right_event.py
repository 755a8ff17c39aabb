"""Listens to what create_all creates."""

from sqlalchemy import event


async def create_missing(engine, metadata):
    created = []

    def note(target, connection, **more):
        created.append(target.name)

    for table in metadata.tables.values():
        event.listen(table, "after_create", note)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(metadata.create_all)
    finally:
        for table in metadata.tables.values():
            event.remove(table, "after_create", note)
    return sorted(created)
