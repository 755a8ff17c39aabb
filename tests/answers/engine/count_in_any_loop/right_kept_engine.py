"""One engine for all loops, whose pool keeps nothing; a session."""

from functools import cache

from sqlalchemy import NullPool, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from course_lib.patterns import make_engine
from course_lib.shop import Order


@cache
def engine_for(url):
    return make_engine(url, poolclass=NullPool)


async def count_orders(url):
    async with AsyncSession(engine_for(url)) as session:
        return (await session.scalars(select(func.count(Order.id)))).one()
