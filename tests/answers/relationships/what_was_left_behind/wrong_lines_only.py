"""Breaks: orders.

The orders themselves stay.
"""

from sqlalchemy import delete, func, select

from course_lib.shop import Order, OrderLine, User


async def remove_orphans(session):
    good = select(Order.id).where(Order.user_id.in_(select(User.id)))
    lines = await session.execute(delete(OrderLine).where(OrderLine.order_id.not_in(good)))
    lost = select(func.count()).select_from(Order).where(Order.id.not_in(good))
    return await session.scalar(lost), lines.rowcount
