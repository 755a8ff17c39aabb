"""Breaks: budget.

A statement for the cents and one for the tags.
"""

from sqlalchemy import func, select

from course_lib.shop import Order, User, user_tags


async def spent_per_user(session):
    spent = select(User.id, func.coalesce(func.sum(Order.cents), 0)).outerjoin(User.orders).group_by(User.id)
    tagged = select(user_tags.c.user_id, func.count()).group_by(user_tags.c.user_id)
    tags = dict((await session.execute(tagged)).all())
    rows = await session.execute(spent.order_by(User.id))
    return [(key, cents, tags.get(key, 0)) for key, cents in rows]
