"""Breaks: raised.

An engine is no block.
"""

from sqlalchemy import func, select

from course_lib.patterns import make_engine
from course_lib.shop import Order


async def count_orders(url):
    async with make_engine(url) as engine, engine.connect() as connection:
        return await connection.scalar(select(func.count()).select_from(Order))
