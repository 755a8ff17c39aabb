"""Asks for all three in one statement."""

from sqlalchemy import func, select

from course_lib.shop import Order, User


async def totals(engine):
    users = select(func.count(User.id)).scalar_subquery()
    orders = select(func.count(Order.id)).scalar_subquery()
    cents = select(func.sum(Order.cents)).scalar_subquery()
    async with engine.connect() as connection:
        row = (await connection.execute(select(users, orders, cents))).one()
    return {"users": row[0], "orders": row[1], "cents": row[2] or 0}
