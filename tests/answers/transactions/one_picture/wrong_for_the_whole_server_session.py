"""Breaks: as-before.

Sets the level for the server's session, which lives on in the pool.
"""

from sqlalchemy import func, select, text

from course_lib.shop import Order, User


async def totals(engine):
    async with engine.connect() as connection:
        level = "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ"
        await connection.execute(text(level))
        await connection.commit()
        users = await connection.scalar(select(func.count()).select_from(User))
        orders = await connection.scalar(select(func.count()).select_from(Order))
        cents = await connection.scalar(select(func.coalesce(func.sum(Order.cents), 0)))
    return {"users": users, "orders": orders, "cents": cents}
