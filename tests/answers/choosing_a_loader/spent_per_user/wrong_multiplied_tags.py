"""Breaks: tags.

The cents are added up apart; each tag is counted once for every order.
"""

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from course_lib.shop import Order, User, user_tags


async def spent_per_user(session):
    mine = aliased(Order)
    cents = select(func.sum(mine.cents)).where(mine.user_id == User.id).correlate(User).scalar_subquery()
    statement = (
        select(User.id, func.coalesce(cents, 0), func.count(user_tags.c.tag_id))
        .outerjoin(User.orders)
        .outerjoin(user_tags, user_tags.c.user_id == User.id)
        .group_by(User.id)
        .order_by(User.id)
    )
    return (await session.execute(statement)).all()
