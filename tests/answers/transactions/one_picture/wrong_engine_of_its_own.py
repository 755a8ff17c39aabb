"""Breaks: one-moment.

Makes an engine of its own, at the usual level.
"""

from sqlalchemy import func, select

from course_lib.patterns import make_engine
from course_lib.shop import Order, User


async def totals(engine):
    mine = make_engine(engine.url)
    async with mine.connect() as connection:
        users = await connection.scalar(select(func.count()).select_from(User))
        orders = await connection.scalar(select(func.count()).select_from(Order))
        cents = await connection.scalar(select(func.coalesce(func.sum(Order.cents), 0)))
    await mine.dispose()
    return {"users": users, "orders": orders, "cents": cents}
