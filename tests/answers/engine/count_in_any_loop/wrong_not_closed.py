"""Breaks: released.

NullPool closes what is given back, and nothing is given back.
"""

from sqlalchemy import NullPool, func, select

from course_lib.patterns import make_engine
from course_lib.shop import Order


async def count_orders(url):
    engine = make_engine(url, poolclass=NullPool)
    connection = await engine.connect()
    return await connection.scalar(select(func.count()).select_from(Order))
