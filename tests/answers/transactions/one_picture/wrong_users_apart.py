"""Breaks: one-moment.

Two of the three in one statement.
"""

from sqlalchemy import func, select

from course_lib.shop import Order, User


async def totals(engine):
    async with engine.connect() as connection:
        users = await connection.scalar(select(func.count()).select_from(User))
        both = select(func.count(Order.id), func.coalesce(func.sum(Order.cents), 0))
        orders, cents = (await connection.execute(both)).one()
    return {"users": users, "orders": orders, "cents": cents}
