"""Breaks: numbers.

Only stray lines are counted.
"""

from sqlalchemy import delete, select

from course_lib.shop import Order, OrderLine, User


async def remove_orphans(session):
    stray = await session.execute(delete(OrderLine).where(OrderLine.order_id.not_in(select(Order.id))))
    lost = select(Order.id).where(Order.user_id.not_in(select(User.id)))
    await session.execute(delete(OrderLine).where(OrderLine.order_id.in_(lost)))
    orders = await session.execute(delete(Order).where(Order.user_id.not_in(select(User.id))))
    return orders.rowcount, stray.rowcount
