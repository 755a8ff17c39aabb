"""Says it in SQL, for this transaction only."""

from sqlalchemy import func, select, text

from course_lib.shop import Order, User


async def totals(engine):
    async with engine.connect() as connection:
        await connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
        users = await connection.scalar(select(func.count()).select_from(User))
        orders = await connection.scalar(select(func.count()).select_from(Order))
        cents = await connection.scalar(select(func.coalesce(func.sum(Order.cents), 0)))
    return {"users": users, "orders": orders, "cents": cents}
