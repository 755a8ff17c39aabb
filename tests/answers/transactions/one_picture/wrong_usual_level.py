"""Breaks: one-moment.

One transaction, at the usual level.
"""

from sqlalchemy import func, select

from course_lib.shop import Order, User


async def totals(engine):
    async with engine.begin() as connection:
        users = await connection.scalar(select(func.count()).select_from(User))
        orders = await connection.scalar(select(func.count()).select_from(Order))
        cents = await connection.scalar(select(func.coalesce(func.sum(Order.cents), 0)))
    return {"users": users, "orders": orders, "cents": cents}
