"""Breaks: every-loop.

The colleague's: one engine with a pool, for all loops.
"""

from sqlalchemy import func, select

from course_lib.patterns import make_engine
from course_lib.shop import Order

engines = {}


async def count_orders(url):
    if url not in engines:
        engines[url] = make_engine(url)
    async with engines[url].connect() as connection:
        return await connection.scalar(select(func.count()).select_from(Order))
