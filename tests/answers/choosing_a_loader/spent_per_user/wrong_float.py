"""Breaks: int.

Dollars and back again: the cents come as a float.
"""

from sqlalchemy import func, select

from course_lib.shop import Order, User, user_tags


async def spent_per_user(session):
    cents = select(func.sum(Order.cents)).where(Order.user_id == User.id).scalar_subquery()
    tags = select(func.count()).where(user_tags.c.user_id == User.id).scalar_subquery()
    rows = await session.execute(select(User.id, cents, tags).order_by(User.id))
    return [(key, (spent or 0) / 100 * 100, count) for key, spent, count in rows]
