"""Breaks: common/wrong-type.

Users instead of pairs.
"""

from sqlalchemy import select

from course_lib.shop import Order, User


async def big_orders(session, cents):
    users = select(User).where(User.orders.any(Order.cents >= cents)).order_by(User.id)
    return (await session.scalars(users)).all()
