"""Breaks: figures.

The sum over no rows is None.
"""

from sqlalchemy import func, select

from course_lib.shop import Order, User


async def totals(engine):
    async with engine.execution_options(isolation_level="REPEATABLE READ").connect() as connection:
        users = await connection.scalar(select(func.count()).select_from(User))
        orders = await connection.scalar(select(func.count()).select_from(Order))
        cents = await connection.scalar(select(func.sum(Order.cents)))
    return {"users": users, "orders": orders, "cents": cents}
