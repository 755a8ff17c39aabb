"""Sums first, then joins the tags and counts them."""

from sqlalchemy import func, select

from course_lib.shop import Order, User, user_tags


async def spent_per_user(session):
    cents = select(func.coalesce(func.sum(Order.cents), 0)).where(Order.user_id == User.id)
    statement = (
        select(User.id, cents.scalar_subquery(), func.count(user_tags.c.tag_id))
        .outerjoin(user_tags, user_tags.c.user_id == User.id)
        .group_by(User.id)
        .order_by(User.id)
    )
    return list((await session.execute(statement)))
