"""Breaks: figures.

Counts over a join, where a user without orders does not appear.
"""

from sqlalchemy import func, select

from course_lib.shop import Order, User


async def totals(engine):
    statement = select(
        func.count(User.id.distinct()), func.count(Order.id), func.coalesce(func.sum(Order.cents), 0)
    ).join(Order, Order.user_id == User.id)
    async with engine.connect() as connection:
        row = (await connection.execute(statement)).one()
    return {"users": row[0], "orders": row[1], "cents": row[2]}
