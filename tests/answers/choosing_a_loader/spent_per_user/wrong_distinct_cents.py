"""Breaks: equal.

Adds up different amounts only; two orders of the same amount count once.
"""

from sqlalchemy import distinct, func, select

from course_lib.shop import Order, User, user_tags


async def spent_per_user(session):
    statement = (
        select(
            User.id,
            func.coalesce(func.sum(distinct(Order.cents)), 0),
            func.count(distinct(user_tags.c.tag_id)),
        )
        .outerjoin(User.orders)
        .outerjoin(user_tags, user_tags.c.user_id == User.id)
        .group_by(User.id)
        .order_by(User.id)
    )
    return (await session.execute(statement)).all()
