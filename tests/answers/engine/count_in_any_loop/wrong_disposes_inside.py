"""Breaks: released.

Disposes while the connection is still out.
"""

from sqlalchemy import func, select

from course_lib.patterns import make_engine
from course_lib.shop import Order


async def count_orders(url):
    engine = make_engine(url)
    async with engine.connect() as connection:
        try:
            return await connection.scalar(select(func.count()).select_from(Order))
        finally:
            await engine.dispose()
