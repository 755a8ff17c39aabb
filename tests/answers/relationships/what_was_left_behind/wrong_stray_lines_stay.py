"""Breaks: lines.

Only lines of orphaned orders go, not those whose order is gone.
"""

from sqlalchemy import delete, select

from course_lib.shop import Order, OrderLine, User


async def remove_orphans(session):
    lost = select(Order.id).where(Order.user_id.not_in(select(User.id)))
    lines = await session.execute(delete(OrderLine).where(OrderLine.order_id.in_(lost)))
    orders = await session.execute(delete(Order).where(Order.user_id.not_in(select(User.id))))
    return orders.rowcount, lines.rowcount
