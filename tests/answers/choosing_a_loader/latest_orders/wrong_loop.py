"""Breaks: budget.

Asks for the latest order of each user.
"""

from sqlalchemy import select

from course_lib.shop import Order, User


async def latest_orders(session):
    latest = select(Order).order_by(Order.ordered_on.desc(), Order.id.desc()).limit(1)
    users = (await session.scalars(select(User).order_by(User.id))).all()
    return [(user, await session.scalar(latest.where(Order.user_id == user.id))) for user in users]
