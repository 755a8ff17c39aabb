"""Breaks: one-moment.

The level is right, and each figure has a transaction of its own.
"""

from sqlalchemy import func, select

from course_lib.shop import Order, User


async def totals(engine):
    async with engine.execution_options(isolation_level="SERIALIZABLE").connect() as connection:
        users = await connection.scalar(select(func.count()).select_from(User))
        await connection.commit()
        orders = await connection.scalar(select(func.count()).select_from(Order))
        await connection.commit()
        cents = await connection.scalar(select(func.coalesce(func.sum(Order.cents), 0)))
    return {"users": users, "orders": orders, "cents": cents}
