"""Breaks: order.

No ORDER BY.
"""

from sqlalchemy import func, select

from course_lib.shop import Order, User, user_tags


async def spent_per_user(session):
    cents = select(func.sum(Order.cents)).where(Order.user_id == User.id).scalar_subquery()
    tags = select(func.count()).where(user_tags.c.user_id == User.id).scalar_subquery()
    return (await session.execute(select(User.id, func.coalesce(cents, 0), tags))).all()
