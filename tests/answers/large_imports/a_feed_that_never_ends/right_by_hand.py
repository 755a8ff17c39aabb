"""Chunks by hand, on the connection.
"""

from sqlalchemy import insert

from course_lib.shop import User


class Chunk:
    def __init__(self, connection):
        self.connection, self.rows, self.count = connection, [], 0

    async def send(self):
        if self.rows:
            await self.connection.execute(insert(User.__table__), self.rows)
        self.count += len(self.rows)
        self.rows = []


async def load_users(session, rows):
    chunk = Chunk(await session.connection())
    async for row in rows:
        chunk.rows.append(row)
        if len(chunk.rows) >= 700:
            await chunk.send()
    await chunk.send()
    return chunk.count
