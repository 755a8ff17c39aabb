"""Breaks: lines.

On SQLite the lines of an orphan still refer to it.
"""

from sqlalchemy import delete, select

from course_lib.shop import Order, OrderLine, User


async def remove_orphans(session):
    good = select(Order.id).where(Order.user_id.in_(select(User.id)))
    orders = await session.execute(delete(Order).where(Order.user_id.not_in(select(User.id))))
    lines = await session.execute(delete(OrderLine).where(OrderLine.order_id.not_in(good)))
    return orders.rowcount, lines.rowcount
