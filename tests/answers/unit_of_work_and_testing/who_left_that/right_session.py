"""Through a session, and with hashes that are all it keeps."""

from hashlib import sha256

from sqlalchemy.ext.asyncio import AsyncSession

from course_lib.shop import Base


class Watch:
    def __init__(self, engine):
        self.engine, self.last = engine, None

    async def changed(self):
        digest = sha256()
        async with AsyncSession(self.engine) as session:
            for table in Base.metadata.sorted_tables:
                rows = (await session.execute(table.select().order_by(*table.primary_key))).all()
                digest.update(repr((table.name, [tuple(row) for row in rows])).encode())
        last, self.last = self.last, digest.digest()
        return last != self.last


async def leaving_traces(engine, tests):
    names, watch = [], Watch(engine)
    await watch.changed()
    for test in tests:
        try:
            await test(engine)
        except Exception as error:
            del error
        if await watch.changed():
            names.append(test.__name__)
    return names
