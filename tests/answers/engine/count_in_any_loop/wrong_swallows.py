"""Breaks: error.

Gives 0 where the query fails.
"""

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from course_lib.patterns import make_engine
from course_lib.shop import Order


async def count_orders(url):
    engine = make_engine(url)
    try:
        async with engine.connect() as connection:
            return await connection.scalar(select(func.count()).select_from(Order))
    except DBAPIError:
        return 0
    finally:
        await engine.dispose()
