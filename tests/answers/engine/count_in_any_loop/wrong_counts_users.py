"""Breaks: number.

Counts the users who ordered.
"""

from sqlalchemy import NullPool, func, select

from course_lib.patterns import make_engine
from course_lib.shop import Order


async def count_orders(url):
    engine = make_engine(url, poolclass=NullPool)
    async with engine.connect() as connection:
        return await connection.scalar(select(func.count(Order.user_id.distinct())))
