"""Breaks: budget.

A statement for each orphan.
"""

from sqlalchemy import delete, select

from course_lib.shop import Order, OrderLine, User


async def remove_orphans(session):
    good = select(Order.id).where(Order.user_id.in_(select(User.id)))

    lost = (await session.scalars(select(OrderLine).where(OrderLine.order_id.not_in(good)))).all()
    for line in lost:
        await session.execute(delete(OrderLine).where(OrderLine.id == line.id))
    orders = await session.execute(delete(Order).where(Order.user_id.not_in(select(User.id))))
    return orders.rowcount, len(lost)
