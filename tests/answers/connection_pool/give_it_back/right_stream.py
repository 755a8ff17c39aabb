"""A session that streams, and tells while it reads."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


async def tell_each(engine, sql, tell):
    count = 0
    async with AsyncSession(engine) as session:
        async for value in await session.stream_scalars(text(sql)):
            await tell(value)
            count += 1
    return count
