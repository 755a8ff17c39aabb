"""Breaks: released-on-error.

The `dispose()` is skipped by an error.
"""

from sqlalchemy import func, select

from course_lib.patterns import make_engine
from course_lib.shop import Order


async def count_orders(url):
    engine = make_engine(url)
    async with engine.connect() as connection:
        count = await connection.scalar(select(func.count()).select_from(Order))
    await engine.dispose()
    return count
