"""Breaks: every-loop.

The recipe's option: the ping waits on the wrong loop too.
"""

from sqlalchemy import func, select

from course_lib.patterns import make_engine
from course_lib.shop import Order

engines = {}


async def count_orders(url):
    if url not in engines:
        engines[url] = make_engine(url, pool_pre_ping=True)
    async with engines[url].connect() as connection:
        return await connection.scalar(select(func.count()).select_from(Order))
