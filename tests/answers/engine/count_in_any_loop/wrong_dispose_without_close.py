"""Breaks: released.

`dispose(close=False)` forgets the connections and leaves them open.
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
        await engine.dispose(close=False)
