"""Breaks: common/never-awaited.

`dispose` without await.
"""

from sqlalchemy import func, select

from course_lib.patterns import make_engine
from course_lib.shop import Order


async def count_orders(url):
    engine = make_engine(url)
    try:
        async with engine.connect() as connection:
            return await connection.scalar(select(func.count()).select_from(Order))
    finally:
        engine.dispose()
